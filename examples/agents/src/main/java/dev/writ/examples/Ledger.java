package dev.writ.examples;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** Books transfers without a question: it relies on the gate in front of it. */
final class Ledger {
  private final AtomicLong next = new AtomicLong();
  private final Server server =
      new Server(
          (exchange, body) ->
              switch (exchange.getRequestURI().getPath()) {
                case "/v1/transfers" ->
                    new Server.Reply(201, "{\"transfer\":" + next.incrementAndGet() + "}");
                case "/v1/accounts" -> new Server.Reply(200, "{\"accounts\":[\"every one\"]}");
                default -> Server.Reply.notFound();
              });

  void serve(Address address) throws IOException {
    server.serve(address);
  }
}
