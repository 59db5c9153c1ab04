package dev.writ.examples;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps documents and says on whose behalf each one came, as far as the gate vouches for it. */
final class Archive {
  private final AtomicLong next = new AtomicLong();
  private final Server server = new Server((exchange, body) -> store(exchange));

  void serve(Address address) throws IOException {
    server.serve(address);
  }

  private Server.Reply store(HttpExchange exchange) {
    if (!exchange.getRequestURI().getPath().equals("/v1/documents")) {
      return Server.Reply.notFound();
    }
    return new Server.Reply(
        201,
        "{\"document\":"
            + next.incrementAndGet()
            + ",\"subject\":\""
            + header(exchange, "Capability-Subject")
            + "\",\"chain\":\""
            + header(exchange, "Capability-Chain")
            + "\"}");
  }

  static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value.replace("\\", "").replace("\"", "");
  }
}
