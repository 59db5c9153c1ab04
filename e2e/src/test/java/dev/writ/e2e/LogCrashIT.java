package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator killed with SIGKILL again and again while agents call: every receipt that a caller
 * got is in the log, and what an auditor saw after one kill is the beginning of what is there after
 * the next. Real processes on a real API server; {@code -Dwrit.crash.seconds=60} goes on for a
 * minute.
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class LogCrashIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = Long.getLong("writ.crash.seconds", 0);
  private static final int CALLERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: billing-may-call, namespace: bank}
      spec:
        source: {serviceAccount: {name: billing, namespace: plan}}
        targetRef: {kind: Service, name: ledger}
        actions:
        - name: transfer
          http: {methods: [GET], paths: [{type: Exact, value: /v1}]}
      """;

  @KubeConfig static String kubeConfig;
  @TempDir Path folder;
  private final Set<String> receipts = ConcurrentHashMap.newKeySet();
  private final Random random = new Random(20261125);
  private final int gate = Programs.freePort();
  private final int helper = Programs.freePort();
  private HttpServer app;
  private Programs programs;
  private Cluster cluster;
  private HttpClient http;
  private Process gateProcess;

  @BeforeEach
  void start() throws Exception {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    app.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    app.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    app.start();
    programs = new Programs(folder);
    cluster = new Cluster(kubeConfig, folder, folder.resolve("data"), programs);
    cluster.apply(CAPABILITY);
  }

  @AfterEach
  void stop() {
    cluster.clear();
    programs.close();
    endLog();
    cluster.close();
    if (http != null) {
      http.close();
    }
    app.stop(0);
  }

  /** The next test begins another log on the same API server, as docs/audit.md says. */
  private void endLog() {
    var maps = cluster.client.configMaps().inNamespace(Cluster.SYSTEM);
    maps.withName("writ-checkpoint").delete();
    maps.withName("writ-log-key").delete();
    cluster.client.secrets().inNamespace(Cluster.SYSTEM).withName("writ-log-key").delete();
  }

  private void startSidecars() throws Exception {
    Pod ledger = cluster.pod("bank", "ledger-0", "ledger", 8080);
    Pod billing = cluster.pod("plan", "billing-0", "billing", 8081);
    int gateAdmin = Programs.freePort();
    int helperAdmin = Programs.freePort();
    Map<String, String> callee =
        cluster.sidecarEnvironment(ledger, cluster.operatorPort(), gateAdmin);
    callee.put("WRIT_LISTEN", "127.0.0.1:" + gate);
    callee.put("WRIT_UPSTREAM", "127.0.0.1:" + app.getAddress().getPort());
    callee.put("WRIT_PORTS", "8080");
    Map<String, String> caller =
        cluster.sidecarEnvironment(billing, cluster.operatorPort(), helperAdmin);
    caller.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    caller.put("WRIT_HOSTS", "ledger.bank:80=127.0.0.1:" + gate);
    gateProcess = programs.sidecar("gate", callee);
    Process helperProcess = programs.sidecar("helper", caller);
    programs.awaitReady("gate", gateProcess, "http://127.0.0.1:" + gateAdmin + "/readyz");
    programs.awaitReady("helper", helperProcess, "http://127.0.0.1:" + helperAdmin + "/readyz");
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(
                ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), helper)))
            .build();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> call("/v1") == 204);
  }

  @Test
  void nothingIsLostAndNothingForksInAFolder() throws Exception {
    play(Map.of(), folder.resolve("data/log"), 2);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = ObjectStore.PROGRAM, matches = ".+")
  void nothingIsLostAndNothingForksInABucket() throws Exception {
    try (ObjectStore store = new ObjectStore(folder.resolve("store"))) {
      play(store.environment(), store.log(), 1);
    }
  }

  private void play(Map<String, String> environment, Path log, int least) throws Exception {
    // Given
    cluster.startOperator(environment);
    startSidecars();
    AtomicBoolean over = new AtomicBoolean();
    int kills;
    List<Future<Void>> loads = new ArrayList<>();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        loads.add(callers.submit(() -> load(over)));
      }
      // When
      try {
        kills = killAgainAndAgain(environment, log, least);
      } finally {
        over.set(true);
      }
    }
    for (Future<Void> each : loads) {
      each.get();
    }
    gateProcess.destroy();
    gateProcess.waitFor();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(2))
        .until(() -> recorded(log).containsAll(receipts));
    verify(log);
    assertThat(receipts).hasSizeGreaterThan(kills);
    System.out.printf("%d receipts, all in the log after %d kills%n", receipts.size(), kills);
  }

  private int killAgainAndAgain(Map<String, String> environment, Path log, int least)
      throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    int kills = 0;
    while (kills < least || System.nanoTime() < end) {
      Thread.sleep(200 + random.nextInt(1_500));
      cluster.killOperator();
      kills++;
      cluster.startOperator(environment);
      // Then
      verify(log);
    }
    return kills;
  }

  private Void load(AtomicBoolean over) throws InterruptedException {
    for (int i = 0; !over.get(); i++) {
      try {
        call(i % 5 == 4 ? "/v2" : "/v1");
      } catch (IOException e) {
        // The helper gave up on it: no receipt, no claim.
      }
      Thread.sleep(10);
    }
    return null;
  }

  private int call(String path) throws IOException, InterruptedException {
    HttpResponse<Void> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://ledger.bank:80" + path))
                .timeout(Duration.ofSeconds(30))
                .build(),
            HttpResponse.BodyHandlers.discarding());
    answer.headers().firstValue("Capability-Receipt").ifPresent(receipts::add);
    return answer.statusCode();
  }

  private String key() {
    return cluster
        .client
        .configMaps()
        .inNamespace(Cluster.SYSTEM)
        .withName("writ-log-key")
        .get()
        .getData()
        .get("key");
  }

  /** As an auditor who kept the checkpoint of the time before, while the log goes on. */
  private void verify(Path log) throws Exception {
    Path older = folder.resolve("checkpoint.older");
    Path now = folder.resolve("checkpoint.now");
    Files.copy(log.resolve("checkpoint"), now, StandardCopyOption.REPLACE_EXISTING);
    Programs.Result result =
        Files.exists(older)
            ? programs.writ(
                "log", "verify", log.toString(), "--key", key(), "--checkpoint", older.toString())
            : programs.writ("log", "verify", log.toString(), "--key", key());
    assertThat(result.code()).as(result.out() + result.err()).isZero();
    Files.move(now, older, StandardCopyOption.REPLACE_EXISTING);
  }

  private Set<String> recorded(Path log) throws Exception {
    Programs.Result export =
        programs.writ("log", "export", log.toString(), "--key", key(), "--format", "json");
    assertThat(export.code()).as(export.err()).isZero();
    Set<String> all = new HashSet<>();
    for (String line : export.out().lines().toList()) {
      JsonNode each = JSON.readTree(line);
      all.add(each.get("boot").asText() + "." + each.get("seq").asText());
    }
    return all;
  }
}
