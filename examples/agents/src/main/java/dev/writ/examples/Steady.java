package dev.writ.examples;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pays small sums at a steady rate, whatever becomes of them, and says each second how many were
 * made, accepted and not, and for how long the oldest is under way: what shows that a change of the
 * cluster loses no call.
 */
final class Steady {
  private static final String PAYMENT = "{\"amount\":1,\"currency\":\"EUR\",\"to\":\"steady\"}";
  private static final int MAX_COMPLAINTS = 20;

  /** Calls made one after the other first: programs that just started are slow. */
  private static final int FIRST = 100;

  private final Http http;
  private final String url;
  private final int perSecond;
  private final AtomicLong made = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  private final AtomicLong seconds = new AtomicLong();

  /** Number of each call under way to the second in which it began. */
  private final ConcurrentSkipListMap<Long, Long> open = new ConcurrentSkipListMap<>();

  Steady(Map<String, String> environment) {
    http = new Http(environment);
    url = environment.getOrDefault("LEDGER_URL", "http://ledger-agent.bank:8080") + "/v1/transfers";
    perSecond = Integer.parseInt(environment.getOrDefault("RATE", "50"));
  }

  void run() throws InterruptedException {
    ScheduledExecutorService clock =
        Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().factory());
    var _ = clock.scheduleAtFixedRate(this::say, 1, 1, TimeUnit.SECONDS);
    for (int call = 0; call < FIRST; call++) {
      pay();
    }
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var _ =
          clock.scheduleAtFixedRate(
              () -> calls.execute(this::pay), 0, 1_000_000 / perSecond, TimeUnit.MICROSECONDS);
      Thread.currentThread().join();
    }
  }

  private void pay() {
    long number = made.incrementAndGet();
    open.put(number, seconds.get());
    try {
      Answer answer = http.post(url, PAYMENT);
      if (answer.accepted()) {
        accepted.incrementAndGet();
      } else {
        fail(answer.status() + " " + answer.body());
      }
    } catch (IOException e) {
      fail(e.toString());
    } finally {
      open.remove(number);
    }
  }

  private void fail(String how) {
    if (failed.incrementAndGet() <= MAX_COMPLAINTS) {
      System.out.println("failed " + how);
    }
  }

  private void say() {
    var oldest = open.firstEntry();
    long now = seconds.incrementAndGet();
    long age = oldest == null ? 0 : now - oldest.getValue();
    System.out.printf(
        "steady made=%s accepted=%s failed=%s oldest=%ds%n", made, accepted, failed, age);
  }
}
