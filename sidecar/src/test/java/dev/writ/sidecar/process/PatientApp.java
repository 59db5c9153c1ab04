package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An app whose answers never end by themselves, and that sees at once when its caller is gone: a
 * path that ends in {@code thinking} gets no answer, one in {@code events} gets one event, all else
 * a short answer.
 */
final class PatientApp implements AutoCloseable {
  /** Paths of requests that arrived. */
  final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

  /** Paths of requests whose connection was closed before their answer ended. */
  final BlockingQueue<String> abandoned = new LinkedBlockingQueue<>();

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  PatientApp() throws IOException {
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
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        head.append((char) next);
      }
      String path = head.toString().split(" ", 3)[1];
      arrived.add(path);
      if (!answered(path, in, out)) {
        abandoned.add(path);
      }
    } catch (IOException _) {
      // Gone before it asked for anything.
    }
  }

  /** Whether the caller was there to the end; a reset is one, also while it is written to. */
  private static boolean answered(String path, InputStream in, OutputStream out) {
    try {
      if (path.endsWith("events")) {
        String type = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        out.write(("HTTP/1.1 200 OK\r\n" + type).getBytes(ISO_8859_1));
        out.write("b\r\ndata: one\n\n\r\n".getBytes(ISO_8859_1));
      } else if (!path.endsWith("thinking")) {
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
                .getBytes(ISO_8859_1));
        return true;
      }
      while (in.read() >= 0) {
        // A body, if there is one.
      }
    } catch (IOException _) {
      // Below.
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
