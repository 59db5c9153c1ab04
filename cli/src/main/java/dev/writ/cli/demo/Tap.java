package dev.writ.cli.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody on the network between two pods: passes every byte on, and keeps the first ones it sees.
 * One thread for all connections: two for each would wake one another with every call.
 */
final class Tap implements AutoCloseable {
  private static final int KEEP = 64 * 1024;
  private static final int PART = 16 * 1024;

  private final ServerSocketChannel server;
  private final Selector selector;
  private final InetSocketAddress target;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private volatile boolean closed;

  /** Where the bytes of one direction go, and whether they are of a caller. */
  private record Way(SocketChannel to, boolean keep) {}

  private Tap(ServerSocketChannel server, Selector selector, InetSocketAddress target) {
    this.server = server;
    this.selector = selector;
    this.target = target;
  }

  /** Listens on any port of {@code listen} and passes on to {@code host:port}. */
  static Tap start(String listen, String host, int port) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    Selector selector = Selector.open();
    server.bind(new InetSocketAddress(listen, 0), 1024).configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    Tap tap = new Tap(server, selector, new InetSocketAddress(host, port));
    Thread.ofPlatform().daemon().name("tap").start(tap::run);
    return tap;
  }

  String address() {
    return server.socket().getInetAddress().getHostAddress() + ":" + server.socket().getLocalPort();
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

  private void run() {
    ByteBuffer part = ByteBuffer.allocateDirect(PART);
    try {
      while (!closed) {
        selector.select(key -> serve(key, part));
      }
    } catch (IOException e) {
      // It cannot go on: whoever calls sees the connections end.
    } finally {
      end();
    }
  }

  private void serve(SelectionKey key, ByteBuffer part) {
    try {
      if (key.isAcceptable()) {
        accept();
      } else if (key.attachment() instanceof Way way) {
        pass((SocketChannel) key.channel(), way, part);
      }
    } catch (CancelledKeyException | IOException e) {
      // The callee is away, or one side hung up and both were closed: the caller sees it.
    }
  }

  private void accept() throws IOException {
    SocketChannel caller = server.accept();
    if (caller == null) {
      return;
    }
    try {
      SocketChannel callee = SocketChannel.open(target);
      register(caller, new Way(callee, true));
      register(callee, new Way(caller, false));
    } catch (IOException e) {
      caller.close();
      throw e;
    }
  }

  private void register(SocketChannel from, Way way) throws IOException {
    from.setOption(StandardSocketOptions.TCP_NODELAY, true);
    from.configureBlocking(false);
    from.register(selector, SelectionKey.OP_READ, way);
  }

  private void pass(SocketChannel from, Way way, ByteBuffer part) throws IOException {
    try {
      part.clear();
      if (from.read(part) < 0) {
        throw new IOException("it hung up");
      }
      part.flip();
      if (way.keep()) {
        keep(part.duplicate());
      }
      // Calls and answers are far shorter than what the kernel takes at once.
      while (part.hasRemaining()) {
        way.to().write(part);
      }
    } catch (IOException e) {
      from.close();
      way.to().close();
      throw e;
    }
  }

  private void keep(ByteBuffer part) {
    synchronized (kept) {
      while (kept.size() < KEEP && part.hasRemaining()) {
        kept.write(part.get());
      }
    }
  }

  private void end() {
    List<SelectionKey> keys = new ArrayList<>(selector.keys());
    try (selector) {
      for (SelectionKey key : keys) {
        key.channel().close();
      }
    } catch (IOException e) {
      // They end with the process.
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }
}
