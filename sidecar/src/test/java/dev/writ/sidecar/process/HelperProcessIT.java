package dev.writ.sidecar.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A helper and a gate as two real processes: what an app sees that knows neither. */
final class HelperProcessIT {
  private static final int CALLERS = 64;

  private final Issuer issuer = new Issuer();
  private final PrivateKey key = PrivateKey.generate();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  @TempDir private Path directory;
  private App app;
  private RunningSidecar gate;
  private RunningSidecar helper;
  private int port;
  private HttpClient client;

  @BeforeEach
  void start() throws Exception {
    app = new App();
    gate =
        new RunningSidecar(Files.createDirectory(directory.resolve("gate")), issuer, app.port())
            .start();
    Path home = Files.createDirectory(directory.resolve("helper"));
    Path contracts = Files.createDirectory(home.resolve("contracts"));
    Files.writeString(home.resolve("key.jwk"), key.toJwk());
    Files.writeString(contracts.resolve("ledger.jws"), issuer.contract(key).sign());
    port = RunningSidecar.freePort();
    helper = new RunningSidecar(home, issuer, app.port());
    helper.environment.put("WRIT_SERVICES", "spiffe://cluster.local/ns/plan/svc/billing");
    helper.environment.put("WRIT_OUTBOUND", "127.0.0.1:" + port);
    helper.environment.put("WRIT_KEY_FILE", home.resolve("key.jwk").toString());
    helper.environment.put("WRIT_CONTRACTS_DIR", contracts.toString());
    helper.environment.put(
        "WRIT_HOSTS",
        "ledger.bank:80=127.0.0.1:" + gate.port + ",plain:80=127.0.0.1:" + app.port());
    helper.start();
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    helper.close();
    gate.close();
    app.close();
  }

  private static HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create("http://ledger.bank" + target))
        .timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<String> transfer(int amount) throws IOException, InterruptedException {
    return client.send(
        request("/v1/transfers")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"amount\":" + amount + "}"))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> read() throws IOException, InterruptedException {
    return client.send(request("/read").build(), BodyHandlers.ofString());
  }

  /** Statuses by how often they came. */
  private Map<Integer, AtomicInteger> load(int calls) throws Exception {
    Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    AtomicInteger left = new AtomicInteger(calls);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        var _ =
            threads.submit(
                () -> {
                  while (left.getAndDecrement() > 0) {
                    HttpResponse<String> reply = transfer(1);
                    statuses
                        .computeIfAbsent(reply.statusCode(), _ -> new AtomicInteger())
                        .incrementAndGet();
                    if (reply.statusCode() != 200) {
                      failures.add(reply.body());
                    }
                  }
                  return null;
                });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(100, TimeUnit.SECONDS)).isTrue();
    }
    return statuses;
  }

  @Test
  void anAppThatKnowsNothingCallsUnderItsContract() throws Exception {
    HttpResponse<String> good = transfer(1);
    HttpResponse<String> tooMuch = transfer(501);

    assertThat(good.statusCode()).as(good.body()).isEqualTo(200);
    assertThat(good.headers().firstValue("Capability-Receipt")).isPresent();
    assertThat(good.headers().firstValue("Capability-Nonce")).isEmpty();
    assertThat(tooMuch.statusCode()).isEqualTo(403);
    assertThat(tooMuch.body()).contains("\"code\":\"argument-not-allowed\"");
    assertThat(app.seen).hasSize(1);
    assertThat(app.seen.getFirst().headers().getFirst("Capability-Subject"))
        .isEqualTo(Issuer.CALLER);
  }

  @Test
  void aStopLetsTheCallOfTheAppEnd() throws Exception {
    var answer = client.sendAsync(request("/read/events").build(), BodyHandlers.ofString());
    await().until(() -> app.seen.size() == 1);
    var exit = CompletableFuture.supplyAsync(this::terminate, Thread::startVirtualThread);
    await("it takes no more").until(() -> !listens());
    app.goOn.countDown();

    assertThat(answer.get(30, TimeUnit.SECONDS).body()).endsWith("data: two\n\n");
    assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(helper.log()).doesNotContain("Exception");
  }

  private boolean listens() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private int terminate() {
    try {
      return helper.terminate();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tenThousandCallsOver64ConnectionsAllArriveOnce() throws Exception {
    Map<Integer, AtomicInteger> statuses = load(10_000);

    assertThat(failures).isEmpty();
    assertThat(statuses).hasSize(1);
    assertThat(app.seen).hasSize(10_000);
    assertThat(gate.metric("writ_decisions_total")).isEqualTo(10_000);
    assertThat(helper.metric("writ_outbound_retries_total")).isZero();
  }

  @Test
  void aKilledGateComesBackWithAnotherBootAndCallsGoOn() throws Exception {
    assertThat(load(300)).containsOnlyKeys(200);

    gate.kill();
    HttpResponse<String> away = transfer(1);
    gate.start();
    Map<Integer, AtomicInteger> after = load(300);

    assertThat(away.statusCode()).isEqualTo(502);
    assertThat(away.body()).contains("\"code\":\"upstream-unavailable\"");
    assertThat(failures).isEmpty();
    assertThat(after).containsOnlyKeys(200);
    assertThat(app.seen).hasSize(600);
  }

  @Test
  void aStreamAndAPlainHostPassThrough() throws Exception {
    HttpResponse<InputStream> events =
        client.send(request("/read/events").build(), BodyHandlers.ofInputStream());
    String first = new String(events.body().readNBytes(11), StandardCharsets.UTF_8);
    app.goOn.countDown();
    String rest = new String(events.body().readAllBytes(), StandardCharsets.UTF_8);
    HttpResponse<String> plain =
        client.send(
            HttpRequest.newBuilder(URI.create("http://plain/read")).build(),
            BodyHandlers.ofString());

    assertThat(first).isEqualTo("data: one\n\n");
    assertThat(rest).isEqualTo("data: two\n\n");
    assertThat(plain.statusCode()).isEqualTo(200);
    assertThat(app.seen.getLast().headers().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("capability"));
    assertThat(read().statusCode()).isEqualTo(200);
  }
}
