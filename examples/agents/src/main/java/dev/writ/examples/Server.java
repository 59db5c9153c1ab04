package dev.writ.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A JSON service that counts what reached it; {@code GET /stats} tells, and is not counted. */
final class Server {
  /** Answers one request; an exception becomes a 500. */
  interface Handler {
    Reply handle(HttpExchange exchange, String body) throws IOException;
  }

  record Reply(int status, String json) {
    static Reply notFound() {
      return new Reply(404, "{\"error\":\"no such path\"}");
    }
  }

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final Handler handler;

  Server(Handler handler) {
    this.handler = handler;
  }

  /** Serves until the process ends. */
  void serve(Address address) throws IOException {
    HttpServer server = HttpServer.create(address.socket(), 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::exchange);
    server.createContext("/stats", this::stats);
    server.start();
    System.out.println("listening " + address.host() + ":" + address.port());
  }

  private void exchange(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Reply reply = handler.handle(exchange, body);
    if (reply.status() < 300) {
      done.incrementAndGet();
    }
    send(exchange, reply);
  }

  private void stats(HttpExchange exchange) throws IOException {
    send(
        exchange,
        new Reply(200, "{\"requests\":" + requests.get() + ",\"done\":" + done.get() + "}"));
  }

  private static void send(HttpExchange exchange, Reply reply) throws IOException {
    byte[] bytes = reply.json().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(reply.status(), bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }
}
