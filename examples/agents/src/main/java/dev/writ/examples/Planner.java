package dev.writ.examples;

import java.io.IOException;
import java.util.Map;

/** Gives the worker a task, then tries the worker's own right, which it does not have. */
final class Planner {
  private static final String TASK = "{\"title\":\"quarterly figures\"}";

  private final Http http;
  private final String worker;
  private final String archive;

  Planner(Map<String, String> environment) {
    http = new Http(environment);
    worker = environment.getOrDefault("WORKER_URL", "http://worker.plan:8080");
    archive = environment.getOrDefault("ARCHIVE_URL", "http://archive.records:8080");
  }

  void run() throws IOException, InterruptedException {
    say("task", http.post(worker + "/v1/tasks", TASK));
    say("direct", http.post(archive + "/v1/documents", TASK));
    System.out.println("done");
    Thread.currentThread().join();
  }

  private static void say(String what, Answer answer) {
    System.out.println(
        what + " " + answer.status() + " remaining=" + answer.remaining() + " " + answer.body());
  }
}
