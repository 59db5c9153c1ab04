package dev.writ.examples;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pays small sums at a steady rate, whatever becomes of them, and says each second how many were
 * made, accepted and not: what shows that a change of the cluster loses no call.
 */
final class Steady {
  private static final String PAYMENT = "{\"amount\":1,\"currency\":\"EUR\",\"to\":\"steady\"}";
  private static final int MAX_COMPLAINTS = 20;

  private final Http http;
  private final String url;
  private final int perSecond;
  private final AtomicLong made = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  Steady(Map<String, String> environment) {
    http = new Http(environment);
    url = environment.getOrDefault("LEDGER_URL", "http://ledger-agent.bank:8080") + "/v1/transfers";
    perSecond = Integer.parseInt(environment.getOrDefault("RATE", "50"));
  }

  void run() throws InterruptedException {
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var _ =
          clock.scheduleAtFixedRate(
              () -> calls.execute(this::pay), 0, 1_000_000 / perSecond, TimeUnit.MICROSECONDS);
      var _ = clock.scheduleAtFixedRate(this::say, 1, 1, TimeUnit.SECONDS);
      Thread.currentThread().join();
    }
  }

  private void pay() {
    made.incrementAndGet();
    try {
      Answer answer = http.post(url, PAYMENT);
      if (answer.accepted()) {
        accepted.incrementAndGet();
      } else {
        fail(answer.status() + " " + answer.body());
      }
    } catch (IOException e) {
      fail(e.toString());
    }
  }

  private void fail(String how) {
    if (failed.incrementAndGet() <= MAX_COMPLAINTS) {
      System.out.println("failed " + how);
    }
  }

  private void say() {
    System.out.println("steady made=" + made + " accepted=" + accepted + " failed=" + failed);
  }
}
