package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Issuer keys that change while agents call: operator, gate and helper as processes, the command
 * line, and a real API server. {@code -Dwrit.rotation.seconds=60} runs it at full length.
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class RotationIT {
  private static final int PER_SECOND = 200;

  /** A machine that can't keep up makes calls later, not more at once. */
  private static final int IN_FLIGHT = 32;

  private static final long LOAD_SECONDS = Long.getLong("writ.rotation.seconds", 12);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  static {
    // The JDK's server closes connections beyond these as soon as they are idle, and a call that
    // was
    // under way on one fails: an app's doing, which is not what is looked at here.
    System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
  }

  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: %s, namespace: bank}
      spec:
        source: {serviceAccount: {name: billing, namespace: plan}}
        targetRef: {kind: Service, name: ledger}
        actions:
        - name: transfer
          http: {methods: [GET], paths: [{type: Exact, value: /%s}]}
      """;

  @KubeConfig static String kubeConfig;
  @TempDir static Path data;
  @TempDir Path folder;
  private final LongAdder served = new LongAdder();
  private final int gate = Programs.freePort();
  private final int gateAdmin = Programs.freePort();
  private final int helper = Programs.freePort();
  private final int helperAdmin = Programs.freePort();
  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
  private final AtomicLong slowest = new AtomicLong();
  private HttpServer app;
  private Programs programs;
  private Cluster cluster;
  private Cable cable;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    app.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    app.createContext(
        "/",
        exchange -> {
          served.increment();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    app.start();
    programs = new Programs(folder);
    cluster = new Cluster(kubeConfig, folder, data, programs);
    cluster.startOperator();
    cable = new Cable(cluster.operatorPort());
    Pod ledger = cluster.pod("bank", "ledger-0", "ledger", 8080);
    Pod billing = cluster.pod("plan", "billing-0", "billing", 8081);
    cluster.apply(CAPABILITY.formatted("billing-may-call", "v1"));
    Map<String, String> callee =
        cluster.sidecarEnvironment(ledger, cluster.operatorPort(), gateAdmin);
    callee.put("WRIT_LISTEN", "127.0.0.1:" + gate);
    callee.put("WRIT_UPSTREAM", "127.0.0.1:" + app.getAddress().getPort());
    callee.put("WRIT_PORTS", "8080");
    Map<String, String> caller = cluster.sidecarEnvironment(billing, cable.port(), helperAdmin);
    caller.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    caller.put("WRIT_HOSTS", "ledger.bank:80=127.0.0.1:" + gate);
    Process gateProcess = programs.sidecar("gate", callee);
    Process helperProcess = programs.sidecar("helper", caller);
    programs.awaitReady("gate", gateProcess, "http://127.0.0.1:" + gateAdmin + "/readyz");
    programs.awaitReady("helper", helperProcess, "http://127.0.0.1:" + helperAdmin + "/readyz");
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(
                ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), helper)))
            .build();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> call("/v1").equals("200"));
  }

  @AfterEach
  void stop() throws Exception {
    cluster.clear();
    programs.close();
    cable.close();
    cluster.close();
    if (http != null) {
      http.close();
    }
    app.stop(0);
  }

  @Test
  void keysChangeUnderLoadWithoutARefusalAlsoOverARestartAndARevokedOneIsDeadAtOnce()
      throws Exception {
    // Given
    String first = current();
    AtomicBoolean over = new AtomicBoolean();
    Thread load = Thread.ofPlatform().name("load").start(() -> load(over));

    // When: a first rotation, after which the caller gets its contracts anew
    assertThat(cluster.writ("trust", "rotate").err()).isEmpty();
    String second = current();
    renewContracts("v2");
    // And: a second one, in the middle of which the operator is killed
    assertThat(cluster.writ("trust", "rotate", "--no-wait").code()).isZero();
    cluster.killOperator();
    cluster.startOperator();
    await().atMost(PATIENCE).until(() -> !current().equals(second));
    String third = current();
    renewContracts("v3");
    over.set(true);
    load.join();

    // Then
    assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
    assertThat(answers).as("every answer").containsOnlyKeys("200");
    assertThat(answers.get("200").sum()).isGreaterThanOrEqualTo(PER_SECOND);
    assertThat(states()).containsEntry(first, "old").containsEntry(second, "old");
    System.out.println(
        answers.get("200").sum()
            + " calls in two rotations and a restart, no refusal; slowest "
            + slowest.get()
            + " ms");

    // When: old keys go at once, nobody holds anything of them any more
    assertThat(cluster.writ("revoke", "key", first.substring(0, 8)).code()).isZero();
    assertThat(cluster.writ("revoke", "key", second).code()).isZero();
    // Then
    await().atMost(PATIENCE).until(() -> call("/v1").equals("200"));
    assertThat(cluster.writ("revoke", "key", "nothing-like-it").code()).isEqualTo(2);

    // When: the caller's link to the operator is cut, and the key of its contracts is stolen
    cable.cut();
    assertThat(call("/v1")).isEqualTo("200");
    cluster
        .client
        .secrets()
        .inNamespace(Cluster.SYSTEM)
        .withName("writ-issuer-key")
        .edit(
            secret -> {
              Map<String, String> annotations = new HashMap<>();
              annotations.put("writ.dev/revoke-key", third);
              secret.getMetadata().setAnnotations(annotations);
              return secret;
            });
    long asked = System.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(30))
        .until(() -> !call("/v1").equals("200"));
    System.out.println(
        "a revoked key was dead after " + (System.nanoTime() - asked) / 1_000_000 + " ms");
    // Then: and stays so
    long before = served.sum();
    for (int i = 0; i < 20; i++) {
      assertThat(call("/v1")).isNotEqualTo("200");
    }
    assertThat(served.sum()).isEqualTo(before);
    assertThat(states()).containsEntry(third, "revoked");
    // When
    cable.mend();
    // Then
    await().atMost(PATIENCE).until(() -> call("/v1").equals("200"));
  }

  @Test
  void whatTheCommandLineRevokesIsDead() throws Exception {
    // When
    Programs.Result suspended =
        cluster.writ("revoke", "capability", "billing-may-call", "-n", "bank");
    // Then
    assertThat(suspended.code()).as(suspended.err()).isZero();
    await().atMost(PATIENCE).until(() -> !call("/v1").equals("200"));
    // When
    assertThat(
            cluster.writ("revoke", "capability", "billing-may-call", "-n", "bank", "--undo").code())
        .isZero();
    // Then
    await().atMost(PATIENCE).until(() -> call("/v1").equals("200"));

    // When: what does not exist
    assertThat(cluster.writ("revoke", "pod", "nobody", "-n", "plan").err())
        .contains("there is no pod nobody in namespace plan");
    assertThat(cluster.writ("revoke", "capability", "nothing", "-n", "bank").err())
        .contains("there is no AgentCapability nothing in namespace bank");
    Programs.Result contract =
        cluster.writ(
            "revoke",
            "contract",
            "00000000-0000-4000-8000-000000000001",
            "--capability",
            "billing-may-call",
            "-n",
            "bank");
    assertThat(contract.code()).as(contract.err()).isZero();
    assertThat(call("/v1")).isEqualTo("200");

    // When
    Programs.Result pod = cluster.writ("revoke", "pod", "billing-0", "-n", "plan");
    // Then
    assertThat(pod.code()).as(pod.err()).isZero();
    await().atMost(PATIENCE).until(() -> !call("/v1").equals("200"));
    long before = served.sum();
    for (int i = 0; i < 10; i++) {
      assertThat(call("/v1")).isNotEqualTo("200");
    }
    assertThat(served.sum()).isEqualTo(before);

    // When
    Programs.Result table = cluster.writ("trust", "show");
    // Then
    assertThat(table.out()).contains("KID").contains("LAST CONTRACT ENDS").contains("current");
  }

  /** Another capability of the same source has its contracts minted again, with the present key. */
  private void renewContracts(String path) throws Exception {
    cluster.apply(CAPABILITY.formatted("billing-may-" + path, path));
    await().atMost(PATIENCE).until(() -> call("/" + path).equals("200"));
  }

  private void load(AtomicBoolean over) {
    long started = System.nanoTime();
    Semaphore room = new Semaphore(IN_FLIGHT);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long least = LOAD_SECONDS * PER_SECOND;
      for (long number = 0; number < least || !over.get(); number++) {
        long due = started + number * 1_000_000_000L / PER_SECOND;
        long early = due - System.nanoTime();
        if (early > 0) {
          Thread.sleep(Duration.ofNanos(early));
        }
        room.acquire();
        threads.execute(
            () -> {
              long sent = System.nanoTime();
              answers.computeIfAbsent(call("/v1"), _ -> new LongAdder()).increment();
              slowest.accumulateAndGet((System.nanoTime() - sent) / 1_000_000, Math::max);
              room.release();
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String call(String path) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://ledger.bank:80" + path))
                  .timeout(Duration.ofSeconds(60))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? "200" : answer.statusCode() + " " + answer.body();
    } catch (java.io.IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private String current() throws Exception {
    return keys().get(0).get("kid").asText();
  }

  private Map<String, String> states() throws Exception {
    Map<String, String> states = new HashMap<>();
    keys().forEach(key -> states.put(key.get("kid").asText(), key.get("state").asText()));
    return states;
  }

  private JsonNode keys() throws Exception {
    Programs.Result shown = cluster.writ("trust", "show", "--output", "json");
    assertThat(shown.code()).as(shown.err()).isZero();
    return new ObjectMapper().readTree(shown.out()).get("keys");
  }
}
