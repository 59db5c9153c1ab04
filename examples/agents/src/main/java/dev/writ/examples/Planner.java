package dev.writ.examples;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

/** Gives the worker a task as part of a trace, then one without: nobody knows for whom that is. */
final class Planner {
  private static final String TASK = "{\"title\":\"quarterly figures\"}";

  private final Http http;
  private final String worker;

  Planner(Map<String, String> environment) {
    http = new Http(environment);
    worker = environment.getOrDefault("WORKER_URL", "http://worker.plan:8080");
  }

  void run() throws IOException, InterruptedException {
    say("task", http.post(worker + "/v1/tasks", TASK, Map.of("traceparent", newTrace())));
    say("untraced", http.post(worker + "/v1/tasks", TASK));
    System.out.println("done");
    Thread.currentThread().join();
  }

  /** What an OpenTelemetry library would do. */
  private static String newTrace() {
    byte[] ids = new byte[24];
    new SecureRandom().nextBytes(ids);
    String hex = HexFormat.of().formatHex(ids);
    return "00-" + hex.substring(0, 32) + "-" + hex.substring(32) + "-01";
  }

  private static void say(String what, Answer answer) {
    System.out.println(
        what + " " + answer.status() + " remaining=" + answer.remaining() + " " + answer.body());
  }
}
