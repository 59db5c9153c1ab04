package dev.writ.examples;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Calls itself, until the JVMs of agent and sidecar have seen their work; then waits for its end.
 */
final class Rehearsal {
  private static final int CALLERS = 8;
  private static final int CALLS_EACH = 250;
  private static final String PAYMENT = "{\"amount\":250,\"currency\":\"EUR\",\"to\":\"nobody\"}";

  private final Http http;
  private final String url;

  Rehearsal(Map<String, String> environment) {
    http = new Http(environment);
    url =
        environment.getOrDefault("TARGET_URL", "http://rehearsal.rehearsal:8080") + "/v1/transfers";
  }

  void run(Address address) throws IOException, InterruptedException {
    new Ledger().serve(address);
    int admitted = 0;
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Callable<Integer>> all = Collections.nCopies(CALLERS, this::admittedCalls);
      for (Future<Integer> done : callers.invokeAll(all)) {
        admitted += done.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
    System.out.println("rehearsed admitted=" + admitted);
    Thread.currentThread().join();
  }

  private int admittedCalls() throws IOException {
    int admitted = 0;
    for (int call = 0; call < CALLS_EACH; call++) {
      admitted += http.post(url, PAYMENT).accepted() ? 1 : 0;
    }
    return admitted;
  }
}
