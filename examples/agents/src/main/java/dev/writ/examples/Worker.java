package dev.writ.examples;

import java.io.IOException;
import java.util.Map;

/** Does a task by writing a document into the archive, and answers with what the archive said. */
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
              Answer answer = http.post(archive + "/v1/documents", body);
              String caller = Archive.header(exchange, "Capability-Subject");
              return new Server.Reply(
                  answer.accepted() ? 200 : 502,
                  "{\"caller\":\"" + caller + "\",\"archive\":" + answer.body() + "}");
            })
        .serve(address);
  }
}
