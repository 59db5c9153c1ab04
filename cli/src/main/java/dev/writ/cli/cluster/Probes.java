package dev.writ.cli.cluster;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/** Waits until a process answers, or has ended. */
final class Probes {
  private static final long PAUSE_MILLIS = 50;
  private static final int CONNECT_MILLIS = 2_000;

  /** One look; an exception means not yet. */
  interface Look {
    boolean ready() throws IOException;
  }

  private Probes() {}

  /** Waits for {@code GET} to answer 200. */
  static void awaitHttp(LocalProcess process, String host, int port, String path, Duration patience)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://" + host + ":" + port + path);
    await(process, () -> status(uri) == 200, uri.toString(), patience);
  }

  /** Waits for the port to be open. */
  static void awaitPort(LocalProcess process, String host, int port, Duration patience)
      throws IOException, InterruptedException {
    await(process, () -> open(host, port), host + ":" + port, patience);
  }

  private static int status(URI uri) throws IOException {
    var connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(CONNECT_MILLIS);
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  private static boolean open(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      return true;
    }
  }

  private static void await(LocalProcess process, Look look, String what, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (process.isAlive()) {
      try {
        if (look.ready()) {
          return;
        }
      } catch (IOException e) {
        // Not listening yet.
      }
      if (System.nanoTime() > deadline) {
        throw new ProcessFailure(
            process, "didn't answer at " + what + " within " + patience.toSeconds() + " s");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new ProcessFailure(process, "ended before it answered at " + what);
  }
}
