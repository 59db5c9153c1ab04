package dev.writ.examples;

import java.io.IOException;
import java.util.Map;

/** One of many short-lived agents of a job: reads a few rows, then goes on until it is refused. */
final class Report {
  private final Http http;
  private final String url;
  private final int calls;
  private final long pauseMillis;

  Report(Map<String, String> environment) {
    http = new Http(environment);
    url = environment.getOrDefault("WAREHOUSE_URL", "http://warehouse.data:8080") + "/v1/rows/1";
    calls = Integer.parseInt(environment.getOrDefault("CALLS", "3"));
    pauseMillis = Long.parseLong(environment.getOrDefault("PAUSE_MILLIS", "2000"));
  }

  void run() throws IOException, InterruptedException {
    for (int call = 1; ; call++) {
      Answer answer = http.get(url);
      if (!answer.accepted()) {
        System.out.println("refused after=" + (call - 1) + " code=" + answer.code());
        return;
      }
      if (call == calls) {
        System.out.println("read calls=" + calls);
      }
      if (call >= calls) {
        Thread.sleep(pauseMillis);
      }
    }
  }
}
