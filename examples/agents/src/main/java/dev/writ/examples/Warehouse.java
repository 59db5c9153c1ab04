package dev.writ.examples;

import java.io.IOException;

/** Gives out rows of data. */
final class Warehouse {
  private final Server server =
      new Server(
          (exchange, body) ->
              exchange.getRequestURI().getPath().startsWith("/v1/rows/")
                  ? new Server.Reply(200, "{\"rows\":[1,2,3]}")
                  : Server.Reply.notFound());

  void serve(Address address) throws IOException {
    server.serve(address);
  }
}
