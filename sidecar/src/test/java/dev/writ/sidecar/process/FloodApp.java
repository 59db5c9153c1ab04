package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An app that sends as fast as it can: a path that ends in {@code flood} is answered without end,
 * one in {@code large} with {@link #LARGE} bytes, one in {@code silent} with a head alone, all else
 * with two bytes. A WebSocket is flooded too.
 */
final class FloodApp implements AutoCloseable {
  static final int LARGE = 8 << 20;
  private static final byte[] BLOCK = new byte[16 * 1024];

  /** Answers without end that are under way. */
  final AtomicInteger flooding = new AtomicInteger();

  private final ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());

  FloodApp() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setSendBufferSize(BLOCK.length);
      String head = head(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      if (head.toLowerCase(Locale.ROOT).contains("upgrade: websocket")) {
        write(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n");
        write(out, "Upgrade: websocket\r\n\r\n");
        flood(out, Long.MAX_VALUE);
      } else if (head.split(" ", 3)[1].endsWith("flood")) {
        write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        flood(out, Long.MAX_VALUE);
      } else if (head.split(" ", 3)[1].endsWith("silent")) {
        write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        while (socket.getInputStream().read() >= 0) {
          // It only listens.
        }
      } else if (head.split(" ", 3)[1].endsWith("large")) {
        write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + LARGE + "\r\n\r\n");
        flood(out, LARGE);
      } else {
        write(out, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
      }
    } catch (IOException _) {
      // The gate does not want more.
    }
  }

  /** A head; what may come behind it is left unread. */
  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
  }

  private void flood(OutputStream out, long bytes) throws IOException {
    flooding.incrementAndGet();
    try {
      for (long sent = 0; sent < bytes; sent += BLOCK.length) {
        out.write(BLOCK);
      }
    } finally {
      flooding.decrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
