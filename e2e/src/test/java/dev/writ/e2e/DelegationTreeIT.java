package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty children of a hundred calls under one thousand, through two levels, at three replicas: the
 * tree is made by an implementation of its own, in Python, with keys that the operator enrolled.
 * (quota.md; docs/delegation.md)
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class DelegationTreeIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 1_000;
  private static final int CHILD_LIMIT = 100;
  private static final int CLERK_LIMIT = 600;
  private static final int CHILDREN = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path CLIENTS = Programs.ROOT.resolve("examples/clients");
  private static final Path PYTHON = CLIENTS.resolve("target/venv/bin/python");
  private static final String DELEGATES =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: clerk, namespace: plan}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: child, namespace: plan}
      """;
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
        delegation:
          maxDepth: 2
          to:
          - serviceAccount: {name: clerk, namespace: plan}
          - serviceAccount: {name: child, namespace: plan}
      """;

  @KubeConfig static String kubeConfig;
  @TempDir static Path data;
  @TempDir Path folder;
  private final AtomicInteger seen = new AtomicInteger();
  private final List<String> gates = new ArrayList<>();
  private HttpServer app;
  private Programs programs;
  private Cluster cluster;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(
        Files.isExecutable(PYTHON), "the clients are not set up: run examples/clients/setup");
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
    programs = new Programs(folder);
    cluster = new Cluster(kubeConfig, folder, data, programs);
    cluster.apply(DELEGATES);
    cluster.startOperator();
    for (int i = 0; i < 3; i++) {
      startGate("ledger-" + i);
    }
    cluster.apply(CAPABILITY);
    await().atMost(PATIENCE).until(() -> "Active".equals(ready()));
  }

  @AfterEach
  void stop() throws Exception {
    if (cluster != null) {
      cluster.clear();
      programs.close();
      cluster.close();
      app.stop(0);
    }
  }

  private void startGate(String name) throws Exception {
    int admin = Programs.freePort();
    String listen = "127.0.0.1:" + Programs.freePort();
    Map<String, String> environment =
        cluster.sidecarEnvironment(
            cluster.pod("bank", name, "ledger", 8080), cluster.operatorPort(), admin);
    environment.put("WRIT_LISTEN", listen);
    environment.put("WRIT_UPSTREAM", "127.0.0.1:" + app.getAddress().getPort());
    environment.put("WRIT_PORTS", "8080");
    Process gate = programs.sidecar(name, environment);
    programs.awaitReady(name, gate, "http://127.0.0.1:" + admin + "/readyz");
    gates.add(listen);
  }

  private JsonNode capability() {
    return cluster.capability("billing-may-transfer");
  }

  private String ready() {
    return cluster.ready("billing-may-transfer");
  }

  private Path setup() throws Exception {
    Map<String, String> tokens = new HashMap<>();
    List<String> agents = new ArrayList<>(List.of("billing", "clerk-0", "clerk-1"));
    for (int i = 0; i < CHILDREN; i++) {
      agents.add("child-" + i);
    }
    String ca = "";
    for (String name : agents) {
      Pod pod = cluster.pod("plan", name, name.replaceFirst("-\\d+", ""), 8081);
      Map<String, String> environment =
          cluster.sidecarEnvironment(pod, cluster.operatorPort(), Programs.freePort());
      tokens.put(name, Files.readString(Path.of(environment.get("WRIT_TOKEN_FILE"))));
      ca = environment.get("WRIT_CA_FILE");
    }
    Path setup = folder.resolve("setup.json");
    JSON.writeValue(
        setup.toFile(),
        Map.of(
            "operator",
            "https://127.0.0.1:" + cluster.operatorPort(),
            "ca",
            ca,
            "clients",
            CLIENTS.toString(),
            "gates",
            gates,
            "tokens",
            tokens));
    return setup;
  }

  @Test
  void twentyChildrenOfAHundredShareExactlyTheThousandOfTheirRoot() throws Exception {
    // When
    Path tree = Path.of(getClass().getResource("/tree/tree.py").toURI());
    Path out = folder.resolve("tree.out");
    Path errors = folder.resolve("tree.err");
    Process python =
        new ProcessBuilder(PYTHON.toString(), tree.toString(), setup().toString())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    boolean ended = python.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    python.destroyForcibly();
    // Then
    String said = Files.readString(out) + Files.readString(errors);
    assertThat(ended).as(said).isTrue();
    assertThat(python.exitValue()).as(said).isZero();
    int[] byClerk = new int[2];
    int children = 0;
    for (String line : Files.readAllLines(out)) {
      String[] parts = line.split(" ", -1);
      int admitted = Integer.parseInt(parts[1]);
      assertThat(parts[2]).as(said).isEqualTo("quota-exhausted");
      assertThat(admitted).as(said).isBetween(0, CHILD_LIMIT);
      byClerk[Integer.parseInt(parts[0].substring("child-".length())) % 2] += admitted;
      children++;
    }
    assertThat(children).as(said).isEqualTo(CHILDREN);
    assertThat(byClerk[0]).as(said).isLessThanOrEqualTo(CLERK_LIMIT);
    assertThat(byClerk[1]).as(said).isLessThanOrEqualTo(CLERK_LIMIT);
    assertThat(byClerk[0] + byClerk[1]).as(said).isEqualTo(LIMIT);
    assertThat(seen).hasValue(LIMIT);
    // And: the operator and the log say the same
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(capability().at("/status/calls/summary").asText())
                  .isEqualTo(LIMIT + "/" + LIMIT);
              assertThat(capability().at("/status/decisions/allowed").asInt()).isEqualTo(LIMIT);
            });
    assertThat(ready()).isEqualTo("Exhausted");
  }
}
