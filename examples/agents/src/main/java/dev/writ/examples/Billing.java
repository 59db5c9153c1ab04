package dev.writ.examples;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pays invoices, until an instruction hidden in one of them takes it over: then it asks for a large
 * amount, for the accounts, and for as many payments as it can get.
 */
final class Billing {
  private static final String PAYMENT = "{\"amount\":250,\"currency\":\"EUR\",\"to\":\"mallory\"}";

  private final Http http;
  private final String ledger;
  private final int attempts;
  private final int callers;
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  Billing(Map<String, String> environment) {
    http = new Http(environment);
    ledger = environment.getOrDefault("LEDGER_URL", "http://ledger-agent.bank:8080");
    attempts = Integer.parseInt(environment.getOrDefault("ATTEMPTS", "50000"));
    callers = Integer.parseInt(environment.getOrDefault("CALLERS", "16"));
  }

  void run() throws IOException, InterruptedException {
    say("invoice", http.post(ledger + "/v1/transfers", PAYMENT));
    say("large", http.post(ledger + "/v1/transfers", "{\"amount\":90000,\"currency\":\"EUR\"}"));
    say("accounts", http.get(ledger + "/v1/accounts"));
    // The invoice above was the first attempt.
    started.set(1);
    finished.set(1);
    outcomes.put("admitted", 1);
    var done = new CountDownLatch(callers);
    for (int caller = 0; caller < callers; caller++) {
      Thread.ofPlatform().start(() -> pay(done));
    }
    done.await();
    System.out.println("done attempts=" + attempts + " " + outcomes());
    Thread.currentThread().join();
  }

  private void pay(CountDownLatch done) {
    while (started.incrementAndGet() <= attempts) {
      String outcome;
      try {
        Answer answer = http.post(ledger + "/v1/transfers", PAYMENT);
        outcome = answer.accepted() ? "admitted" : answer.code();
      } catch (IOException e) {
        outcome = "failed";
      }
      synchronized (outcomes) {
        outcomes.merge(outcome, 1, Integer::sum);
      }
      int count = finished.incrementAndGet();
      if (count % 5_000 == 0) {
        System.out.println("progress attempts=" + count + " " + outcomes());
      }
    }
    done.countDown();
  }

  private String outcomes() {
    synchronized (outcomes) {
      var line = new StringBuilder();
      outcomes.forEach((name, count) -> line.append(name).append('=').append(count).append(' '));
      return line.toString().strip();
    }
  }

  private static void say(String what, Answer answer) {
    System.out.println(
        what + " " + answer.status() + " remaining=" + answer.remaining() + " " + answer.body());
  }
}
