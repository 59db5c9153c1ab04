package dev.writ.cli.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Somebody on the network between two pods: passes every byte on, and keeps the first ones it sees.
 */
final class Tap implements AutoCloseable {
  private static final int KEEP = 64 * 1024;

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  private Tap(ServerSocket server, InetSocketAddress target) {
    this.server = server;
    this.target = target;
  }

  /** Listens on any port of {@code listen} and passes on to {@code host:port}. */
  static Tap start(String listen, String host, int port) throws IOException {
    ServerSocket server = new ServerSocket(0, 1024, InetAddress.getByName(listen));
    Tap tap = new Tap(server, new InetSocketAddress(host, port));
    Thread.ofPlatform().daemon().name("tap").start(tap::accept);
    return tap;
  }

  String address() {
    return server.getInetAddress().getHostAddress() + ":" + server.getLocalPort();
  }

  /** The bytes of the first request with this method, once it has passed whole; else empty. */
  byte[] captured(String method) {
    byte[] bytes;
    synchronized (kept) {
      bytes = kept.toByteArray();
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int start = Math.max(0, text.indexOf(method + " /"));
    String request = text.substring(start);
    int head = request.indexOf("\r\n\r\n");
    int length = head < 0 ? -1 : contentLength(request.substring(0, head));
    if (length < 0 || request.length() < head + 4 + length) {
      return new byte[0];
    }
    return request.substring(0, head + 4 + length).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int contentLength(String head) {
    for (String line : head.split("\r\n", 0)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        return Integer.parseInt(line.substring(15).strip());
      }
    }
    return -1;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        Socket callee = new Socket();
        callee.connect(target);
        caller.setTcpNoDelay(true);
        callee.setTcpNoDelay(true);
        Thread.ofPlatform().daemon().start(() -> pass(caller, callee, true));
        Thread.ofPlatform().daemon().start(() -> pass(callee, caller, false));
      } catch (IOException e) {
        // Closed, or the callee is away: the caller sees its connection end.
      }
    }
  }

  private void pass(Socket from, Socket to, boolean keep) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        if (keep) {
          keep(buffer, count);
        }
      }
    } catch (IOException e) {
      // One side hung up; closing both tells the other.
    }
  }

  private void keep(byte[] buffer, int count) {
    synchronized (kept) {
      if (kept.size() < KEEP) {
        kept.write(buffer, 0, count);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
