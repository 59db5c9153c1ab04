package dev.writ.sidecar.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.writ.contract.key.PrivateKey;
import dev.writ.sidecar.process.Caller;
import dev.writ.sidecar.process.Issuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real process in cluster mode, with its own journal, against an operator of this test. */
class ClusterProcessIT {
  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir private Path directory;
  private TestOperator operator;
  private HttpServer app;
  private int port;
  private int admin;
  private Process process;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(directory.resolve("token"), "token-1");
    Path keys = TestOperator.keystore(directory, "operator", "dns:localhost");
    operator = TestOperator.start(keys, directory.resolve("token"));
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.start();
    port = freePort();
    admin = freePort();
  }

  @AfterEach
  void stop() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    operator.close();
    app.stop(0);
    client.close();
    assertThat(operator.problems).isEmpty();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void launch() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.writ.sidecar.Main");
    builder.environment().keySet().removeIf(name -> name.startsWith("WRIT_"));
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("WRIT_MODE", "cluster"),
                Map.entry("WRIT_OPERATOR", operator.uri().toString()),
                Map.entry("WRIT_TOKEN_FILE", directory.resolve("token").toString()),
                Map.entry("WRIT_CA_FILE", directory.resolve("operator.pem").toString()),
                Map.entry("WRIT_LISTEN", "127.0.0.1:" + port),
                Map.entry("WRIT_UPSTREAM", "127.0.0.1:" + app.getAddress().getPort()),
                Map.entry("WRIT_PORTS", "8080"),
                Map.entry("WRIT_POD_NAMESPACE", "bank"),
                Map.entry("WRIT_POD_NAME", "ledger-0"),
                Map.entry("WRIT_POD_UID", TestOperator.POD_UID),
                Map.entry("WRIT_STATE_DIR", directory.resolve("state").toString()),
                Map.entry("WRIT_ADMIN", "127.0.0.1:" + admin)));
    Path log = directory.resolve("sidecar.log");
    process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  private HttpResponse<String> get(int at, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + at + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build();
    return client.send(request, BodyHandlers.ofString());
  }

  private void awaitStatus(int at, String path, int status) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              HttpResponse<String> answer = get(at, path);
              assertThat(answer.statusCode()).as(() -> answer.body() + log()).isEqualTo(status);
            });
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("sidecar.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> stored() {
    return operator.records.values().stream().flatMap(List::stream).toList();
  }

  @Test
  void isReadyOnceEnrolledAndShipsWhatItDecides() throws Exception {
    // Given an operator that is away
    operator.close();
    launch();
    awaitStatus(admin, "/readyz", 503);
    awaitStatus(port, "/v1", 503);

    // When
    operator.open(directory.resolve("operator.p12"));

    // Then
    awaitStatus(admin, "/readyz", 200);
    await().atMost(Duration.ofSeconds(10)).until(() -> operator.applied == operator.epoch);
    assertThat(get(port, "/v1").statusCode()).isEqualTo(401);
    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () ->
                stored().stream().anyMatch(line -> line.contains("missing-contract"))
                    && stored().stream().anyMatch(line -> line.contains("revocation-stale")));
    assertThat(log().lines())
        .as("the operator's absence is said once")
        .filteredOn(line -> line.contains("couldn't reach the operator"))
        .hasSize(1);
  }

  @Test
  void aSyncCallReachesTheAppOnlyOnceTheLogHasItsRecord() throws Exception {
    // Given
    List<String> storedWhenTheAppWasCalled = new CopyOnWriteArrayList<>();
    app.createContext(
        "/",
        exchange -> {
          storedWhenTheAppWasCalled.addAll(stored());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    launch();
    awaitStatus(admin, "/readyz", 200);
    PrivateKey key = PrivateKey.generate();
    String contract = new Issuer().contract(key).sync().signBy(operator.issuer);
    // When
    try (Caller caller = new Caller(port, key, contract)) {
      assertThat(caller.transfer("1").status()).isEqualTo(200);
    }
    // Then
    assertThat(storedWhenTheAppWasCalled).anyMatch(line -> line.contains("\"decision\":\"allow\""));
    // When: the log takes nothing
    operator.recordsStatus = 503;
    storedWhenTheAppWasCalled.clear();
    try (Caller caller = new Caller(port, key, contract)) {
      assertThat(caller.transfer("1").status()).isEqualTo(503);
    }
    // Then
    assertThat(storedWhenTheAppWasCalled).isEmpty();
  }

  @Test
  void aKilledProcessLeavesItsRecordsToTheNext() throws Exception {
    // Given records that the operator did not take
    launch();
    awaitStatus(admin, "/readyz", 200);
    await().atMost(Duration.ofSeconds(10)).until(() -> operator.records.size() == 1);
    operator.recordsStatus = 503;
    for (int i = 0; i < 5; i++) {
      get(port, "/v1");
    }
    String former = operator.records.keySet().iterator().next();

    // When
    process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    operator.recordsStatus = 200;
    launch();

    // Then
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                operator.records.get(former).stream()
                            .filter(line -> line.contains("missing-contract"))
                            .count()
                        == 5
                    && operator.records.size() == 2);
    assertThat(stored()).doesNotHaveDuplicates();
  }

  @Test
  void aKilledProcessIsSettledByTheNextAndAnEndedOneByItself() throws Exception {
    // Given
    launch();
    awaitStatus(admin, "/readyz", 200);
    await().atMost(Duration.ofSeconds(10)).until(() -> !operator.asked.isEmpty());
    String first = operator.asked.getFirst().boot();
    // When
    process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    launch();
    // Then
    await().atMost(Duration.ofSeconds(30)).until(() -> settled().contains(first));
    String second = operator.asked.getLast().boot();
    awaitStatus(admin, "/readyz", 200);
    // When
    process.destroy();
    process.waitFor(20, TimeUnit.SECONDS);
    // Then
    assertThat(settled()).contains(second);
    try (var left = Files.list(directory.resolve("state/spent"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aProcessWhoseBootWasSettledStartsAnew() throws Exception {
    // Given
    operator.allowancesStatus = 409;
    // When
    launch();
    // Then
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readString(directory.resolve("sidecar.log"))).contains("starts anew");
  }

  private List<String> settled() {
    return operator.asked.stream()
        .filter(request -> request.closing() != null)
        .flatMap(request -> request.closing().settled().stream())
        .map(dev.writ.contract.quota.AllowanceRequest.Settled::boot)
        .toList();
  }
}
