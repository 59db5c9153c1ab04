package dev.writ.examples;

import java.io.IOException;
import java.util.Map;

/**
 * Does a task by writing a document into the archive, and answers with what the archive said. All
 * that it does for delegation is to pass the trace on, as any instrumented program does.
 */
final class Worker {
  private final Http http;
  private final String archive;

  Worker(Map<String, String> environment) {
    http = new Http(environment);
    archive = environment.getOrDefault("ARCHIVE_URL", "http://archive.records:8080");
  }

  void serve(Address address) throws IOException {
    new Server(
            (exchange, body) -> {
              if (!exchange.getRequestURI().getPath().equals("/v1/tasks")) {
                return Server.Reply.notFound();
              }
              String trace = exchange.getRequestHeaders().getFirst("traceparent");
              Answer answer =
                  http.post(
                      archive + "/v1/documents",
                      body,
                      trace == null ? Map.of() : Map.of("traceparent", trace));
              String caller = Archive.header(exchange, "Capability-Subject");
              return new Server.Reply(
                  answer.accepted() ? 200 : answer.status(),
                  "{\"caller\":\"" + caller + "\",\"archive\":" + answer.body() + "}");
            })
        .serve(address);
  }
}
