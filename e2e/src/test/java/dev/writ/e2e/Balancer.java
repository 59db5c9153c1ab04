package dev.writ.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A Service's address: gives each connection to the next replica that takes it. */
final class Balancer implements AutoCloseable {
  private static final int CONNECT_MILLIS = 1_000;

  private final ServerSocket server;
  private final List<Integer> replicas;
  private final AtomicInteger next = new AtomicInteger();

  Balancer(List<Integer> replicas) throws IOException {
    this.replicas = List.copyOf(replicas);
    this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket caller = server.accept();
        Thread.ofVirtual().start(() -> join(caller));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket caller) {
    try (caller;
        Socket replica = connect()) {
      Thread back = Thread.ofVirtual().start(() -> copy(replica, caller));
      copy(caller, replica);
      back.join();
    } catch (IOException e) {
      // The caller sees a closed connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Socket connect() throws IOException {
    IOException last = new IOException("no replica");
    for (int i = 0; i < replicas.size(); i++) {
      Socket socket = new Socket();
      int port = replicas.get(Math.floorMod(next.getAndIncrement(), replicas.size()));
      try {
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw last;
  }

  private static void copy(Socket from, Socket to) {
    try (InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      try {
        to.close();
      } catch (IOException closing) {
        // It is closed then.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
