package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * One capability of 1,000 calls, three replicas of the callee, 64 callers, and SIGKILL for any gate
 * and the operator, all of them real processes on a real API server. {@code
 * -Dwrit.counts.seconds=120} plays it longer.
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class CountsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 1_000;
  private static final int CALLERS = 64;
  private static final int SECONDS = Integer.getInteger("writ.counts.seconds", 15);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: billing-may-transfer, namespace: bank}
      spec:
        source: {serviceAccount: {name: billing, namespace: plan}}
        targetRef: {kind: Service, name: ledger}
        actions:
        - name: transfer
          http: {methods: [POST], paths: [{type: Exact, value: /v1/transfers}]}
        limits: {calls: 1000}
      """;

  @KubeConfig static String kubeConfig;
  @TempDir static Path data;
  @TempDir Path folder;
  private final AtomicInteger seen = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong lostAtKills = new AtomicLong();
  private final Map<String, Process> running = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> environments = new HashMap<>();
  private final List<Integer> gatePorts = new ArrayList<>();
  private final int helper = Programs.freePort();
  private Programs programs;
  private Cluster cluster;
  private HttpServer app;
  private Balancer balancer;

  @BeforeEach
  void start() throws Exception {
    programs = new Programs(folder);
    cluster = new Cluster(kubeConfig, folder, data, programs);
    cluster.startOperator();
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    app.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    app.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          seen.incrementAndGet();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    app.start();
    for (int i = 0; i < 3; i++) {
      startGate("ledger-" + i);
    }
    balancer = new Balancer(gatePorts);
    cluster.apply(CAPABILITY);
    startHelper();
    await().atMost(PATIENCE).until(() -> "Active".equals(ready()));
  }

  @AfterEach
  void stop() throws Exception {
    programs.close();
    if (balancer != null) {
      balancer.close();
    }
    if (app != null) {
      app.stop(0);
    }
    cluster.close();
  }

  private io.fabric8.kubernetes.client.dsl.MixedOperation<
          GenericKubernetesResource,
          io.fabric8.kubernetes.api.model.GenericKubernetesResourceList,
          io.fabric8.kubernetes.client.dsl.Resource<GenericKubernetesResource>>
      capabilities() {
    return cluster.client.genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability");
  }

  private void startGate(String name) throws Exception {
    int port = Programs.freePort();
    gatePorts.add(port);
    Map<String, String> environment = sidecar(cluster.pod("bank", name, "ledger", 8080));
    environment.put("WRIT_LISTEN", "127.0.0.1:" + port);
    environment.put("WRIT_UPSTREAM", "127.0.0.1:" + app.getAddress().getPort());
    environment.put("WRIT_PORTS", "8080");
    environments.put(name, environment);
    restart(name);
    awaitReady(name);
  }

  private void startHelper() throws Exception {
    Map<String, String> environment = sidecar(cluster.pod("plan", "billing-0", "billing", 8080));
    environment.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    environment.put("WRIT_HOSTS", "ledger.bank:8080=127.0.0.1:" + balancer.port());
    environments.put("billing-0", environment);
    restart("billing-0");
    awaitReady("billing-0");
  }

  private void restart(String name) throws IOException {
    running.put(name, programs.sidecar(name, environments.get(name)));
  }

  private void awaitReady(String name) throws Exception {
    programs.awaitReady(
        name, running.get(name), "http://" + environments.get(name).get("WRIT_ADMIN") + "/readyz");
  }

  private Map<String, String> sidecar(Pod pod) throws IOException {
    return cluster.sidecarEnvironment(pod, cluster.operatorPort(), Programs.freePort());
  }

  private JsonNode capability() {
    return cluster.capability("billing-may-transfer");
  }

  private String ready() {
    return cluster.ready("billing-may-transfer");
  }

  /** Known use and what is out, as the CallLedger says; -1 before there is one. */
  private long claimed() {
    GenericKubernetesResource ledger =
        cluster
            .client
            .genericKubernetesResources("writ.dev/v1alpha1", "CallLedger")
            .inNamespace("bank")
            .withName("billing-may-transfer")
            .get();
    JsonNode entry = JSON.valueToTree(ledger).at("/status/entries/0");
    long sum = entry.path("used").asLong(-1);
    for (JsonNode boot : entry.path("boots")) {
      sum +=
          boot.path("closed").asBoolean()
              ? 0
              : boot.path("granted").asLong() - boot.path("returned").asLong();
    }
    return sum;
  }

  @Test
  void exactlyTheLimitIsCountedWhateverIsKilled() throws Exception {
    // Given
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Integer> answers = new ConcurrentHashMap<>();
    List<Thread> callers = new ArrayList<>();
    // When
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.ofVirtual().start(() -> call(answers)));
    }
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    while (System.nanoTime() < end) {
      Thread.sleep(1_500 + random.nextInt(1_500));
      kill(random.nextInt(5) == 0 ? "operator" : "ledger-" + random.nextInt(3));
      assertThat(claimed()).as("seed " + seed).isLessThanOrEqualTo(LIMIT);
    }
    // Then: the rest is found wherever it is
    for (Thread caller : callers) {
      assertThat(caller.join(PATIENCE)).as("seed " + seed + " " + answers).isTrue();
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(capability().at("/status/calls/summary").asText())
                    .as("seed " + seed + " " + answers)
                    .isEqualTo(LIMIT + "/" + LIMIT));
    assertThat(ready()).isEqualTo("Exhausted");
    assertThat(claimed()).isEqualTo(LIMIT);
    assertThat(capability().at("/status/calls/stranded").asLong()).isZero();
    assertThat(seen.get()).isLessThanOrEqualTo(LIMIT);
    assertThat(seen.get() + lostAtKills.get()).isGreaterThanOrEqualTo(LIMIT);
    // And: no call reached the app that the log does not have
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(capability().at("/status/decisions/allowed").asLong())
                    .isBetween((long) seen.get(), (long) LIMIT));
    System.out.printf(
        "counts: seed %d, seen %d, recorded %d, in flight at kills %d, answers %s%n",
        seed,
        seen.get(),
        capability().at("/status/decisions/allowed").asLong(),
        lostAtKills.get(),
        answers);

    // When: the limit is raised
    capabilities()
        .inNamespace("bank")
        .withName("billing-may-transfer")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"limits\":{\"calls\":1001}}}");
    // Then: one more, and no other
    int before = seen.get();
    await().atMost(PATIENCE).until(() -> pay().statusCode() == 204);
    await().atMost(PATIENCE).until(() -> pay().body().contains("quota-exhausted"));
    assertThat(seen.get()).isEqualTo(before + 1);
  }

  private void kill(String name) throws Exception {
    lostAtKills.addAndGet(underWay.get());
    if (name.equals("operator")) {
      cluster.killOperator();
      cluster.startOperator();
    } else {
      running.get(name).destroyForcibly().waitFor();
      restart(name);
    }
  }

  /** Calls until it is told that no call is left. */
  private void call(Map<String, Integer> answers) {
    try {
      while (true) {
        underWay.incrementAndGet();
        String result;
        try {
          HttpResponse<String> answer = pay();
          result = code(answer);
        } catch (IOException e) {
          result = "broken";
        } finally {
          underWay.decrementAndGet();
        }
        answers.merge(result, 1, Integer::sum);
        if (result.equals("quota-exhausted")) {
          return;
        }
        // Spread over the whole time, so that kills meet calls.
        Thread.sleep(CALLERS * SECONDS * 800L / LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String code(HttpResponse<String> answer) throws IOException {
    return answer.body().startsWith("{")
        ? JSON.readTree(answer.body()).path("code").asText(String.valueOf(answer.statusCode()))
        : String.valueOf(answer.statusCode());
  }

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), helper)))
          .build();

  private HttpResponse<String> pay() throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://ledger.bank:8080/v1/transfers"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"amount\":10}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
