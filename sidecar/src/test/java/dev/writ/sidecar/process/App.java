package dev.writ.sidecar.process;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A small real app that remembers what it saw. */
final class App implements AutoCloseable {
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final CountDownLatch goOn = new CountDownLatch(1);
  final CountDownLatch hungUp = new CountDownLatch(1);
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * One request that reached the app.
   *
   * @param text the body, a character per byte
   */
  record Seen(String method, String target, Headers headers, String text) {}

  App() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body =
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
      String target = exchange.getRequestURI().toString();
      seen.add(new Seen(exchange.getRequestMethod(), target, exchange.getRequestHeaders(), body));
      exchange.getResponseHeaders().add("X-App", "yes");
      exchange.getResponseHeaders().add("Capability-Receipt", "forged");
      exchange.getResponseHeaders().add("Capability_Remaining", "forged");
      switch (exchange.getRequestURI().getPath()) {
        case "/read/events" -> events(exchange);
        case "/read/endless" -> endless(exchange);
        case "/read/broken" -> broken(exchange);
        default ->
            answer(
                exchange, 200, ("{\"seen\":" + seen.size() + "}").getBytes(StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  private void events(HttpExchange exchange) throws IOException, InterruptedException {
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.write("data: one\n\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
    goOn.await(20, TimeUnit.SECONDS);
    out.write("data: two\n\n".getBytes(StandardCharsets.UTF_8));
    out.close();
  }

  private void endless(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    byte[] block = new byte[64 * 1024];
    try {
      while (true) {
        exchange.getResponseBody().write(block);
        exchange.getResponseBody().flush();
      }
    } catch (IOException e) {
      hungUp.countDown();
    }
  }

  private static void broken(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 1_000);
    exchange.getResponseBody().write(new byte[10]);
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    goOn.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
