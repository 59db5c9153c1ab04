package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One captured request against a whole deployment: three processes, one killed in the middle. */
final class ReplayIT {
  private static final int COPIES = 1_000;
  private static final long PATIENCE_SECONDS = 120;

  private final Issuer issuer = new Issuer();
  private final PrivateKey key = PrivateKey.generate();
  private final List<RunningSidecar> replicas = new ArrayList<>();
  private final Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
  private final List<AtomicInteger> answers =
      List.of(new AtomicInteger(), new AtomicInteger(), new AtomicInteger());
  @TempDir private Path directory;
  private App app;

  @BeforeEach
  void start() throws Exception {
    app = new App();
    for (int i = 0; i < 3; i++) {
      Path home = Files.createDirectory(directory.resolve("replica-" + i));
      replicas.add(new RunningSidecar(home, issuer, app.port()).start());
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (RunningSidecar replica : replicas) {
      replica.close();
    }
    app.close();
  }

  @Test
  void threeThousandCopiesAndAKillAdmitAtMostOne() throws Exception {
    // Given a request signed for the first replica, and somebody who saw it pass
    byte[] captured;
    try (Caller caller = new Caller(replicas.get(0).port, key, issuer.contract(key).sign())) {
      captured =
          caller.request(
              "POST", "/v1/transfers", "application/json", "{\"amount\":5}".getBytes(ISO_8859_1));
    }
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);

    // When a thousand copies go to each; half of the first replica's after it was killed
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> copies = new ArrayList<>();
      for (int replica = 0; replica < 3; replica++) {
        int index = replica;
        for (int i = 0; i < COPIES; i++) {
          CountDownLatch gun = index == 0 && i >= COPIES / 2 ? killed : begun;
          copies.add(threads.submit(() -> send(index, captured, gun)));
        }
      }
      begun.countDown();
      await(answers.get(0), COPIES / 4);
      replicas.get(0).kill();
      killed.countDown();
      replicas.get(0).start();
      for (Future<?> copy : copies) {
        copy.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }

    // Then
    assertThat(answers).allSatisfy(count -> assertThat(count.get()).isEqualTo(COPIES));
    assertThat(outcomes.keySet())
        .as(outcomes.toString())
        .isSubsetOf("200", "replayed", "use-nonce");
    assertThat(outcomes.getOrDefault("200", new AtomicInteger()).get()).isLessThanOrEqualTo(1);
    assertThat(app.seen).hasSizeLessThanOrEqualTo(1);
    assertThat(replicas.stream().mapToLong(ReplayIT::allowed).sum()).isLessThanOrEqualTo(1);
    assertThat(outcomes.get("use-nonce").get()).isGreaterThanOrEqualTo(2 * COPIES);
  }

  /** Until there is an answer: a copy that met the dead process is sent to the next one. */
  private Void send(int replica, byte[] captured, CountDownLatch gun) throws Exception {
    gun.await();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try (Wire wire = new Wire(replicas.get(replica).port)) {
        wire.send(captured);
        Wire.Reply reply = wire.reply(false);
        String outcome = reply.status() == 200 ? "200" : reply.code();
        outcomes.computeIfAbsent(outcome, _ -> new AtomicInteger()).incrementAndGet();
        answers.get(replica).incrementAndGet();
        return null;
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private static void await(AtomicInteger counter, int atLeast) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (counter.get() < atLeast) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(1);
    }
  }

  private static long allowed(RunningSidecar replica) {
    return replica.records().stream()
        .filter(line -> line.contains("\"decision\":\"allow\""))
        .count();
  }
}
