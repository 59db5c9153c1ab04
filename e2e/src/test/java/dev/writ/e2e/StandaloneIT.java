package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Gate, helper and agent as processes of this machine, with keys and contracts from the command
 * line.
 */
class StandaloneIT {
  private static final int LIMIT = 5;
  private static final String HOST = "ledger-agent.bank:8080";
  private static final String PAYMENT = "{\"amount\":250,\"currency\":\"EUR\"}";

  @TempDir Path folder;
  private final int app = Programs.freePort();
  private final int gate = Programs.freePort();
  private final int gateAdmin = Programs.freePort();
  private final int helper = Programs.freePort();
  private final int helperAdmin = Programs.freePort();
  private Programs programs;
  private Process gateProcess;

  @BeforeEach
  void start() throws Exception {
    programs = new Programs(folder);
    String capability =
        Files.readString(Programs.ROOT.resolve("examples/billing/capability.yaml"))
            .replace("calls: 1000", "calls: " + LIMIT);
    Files.writeString(folder.resolve("capability.yaml"), capability);
    Files.createDirectory(folder.resolve("contracts"));
    writ("key", "generate", "--out", file("issuer.jwk"), "--trust-out", file("trust.json"));
    writ("key", "generate", "--out", file("agent.jwk"), "--public-out", file("agent.pub.jwk"));
    writ(
        "contract",
        "issue",
        "--capability",
        file("capability.yaml"),
        "--holder",
        file("agent.pub.jwk"),
        "--key",
        file("issuer.jwk"),
        "--out",
        file("contracts/billing.jws"));
    Process ledger = programs.agent("ledger", Map.of("HOST", "127.0.0.1", "PORT", "" + app));
    programs.awaitReady("ledger", ledger, "http://127.0.0.1:" + app + "/stats");
    startGate();
    startHelper();
  }

  @AfterEach
  void stop() throws Exception {
    programs.close();
  }

  @Test
  void callsAreLetThroughUpToTheLimitAlsoAcrossAKill() throws Exception {
    // Given
    for (int call = 1; call <= 3; call++) {
      HttpResponse<String> answer = pay(PAYMENT);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
      assertThat(answer.headers().firstValue("Capability-Remaining")).hasValue("" + (LIMIT - call));
    }
    // When
    gateProcess.destroyForcibly().waitFor();
    startGate();
    // Then
    assertThat(pay(PAYMENT).statusCode()).isEqualTo(201);
    assertThat(pay(PAYMENT).statusCode()).isEqualTo(201);
    HttpResponse<String> sixth = pay(PAYMENT);
    assertThat(sixth.statusCode()).isEqualTo(403);
    assertThat(sixth.body()).contains("\"code\":\"quota-exhausted\"");
    assertThat(stats()).isEqualTo("{\"requests\":5,\"done\":5}");
  }

  @Test
  void whatIsNotGrantedDoesNotReachTheAgent() throws Exception {
    // When
    HttpResponse<String> large = pay("{\"amount\":501,\"currency\":\"EUR\"}");
    HttpResponse<String> other = throughHelper("GET", "/v1/accounts", "");
    HttpResponse<String> without =
        programs.post("http://127.0.0.1:" + gate + "/v1/transfers", PAYMENT);
    // Then
    assertThat(large.statusCode()).isEqualTo(403);
    assertThat(large.body()).contains("\"code\":\"argument-not-allowed\"");
    assertThat(other.statusCode()).isEqualTo(403);
    assertThat(other.body()).contains("\"code\":\"action-not-granted\"");
    assertThat(without.statusCode()).isEqualTo(401);
    assertThat(without.body()).contains("\"code\":\"missing-contract\"");
    assertThat(without.headers().firstValue("WWW-Authenticate"))
        .hasValue("Capability error=\"missing-contract\"");
    assertThat(stats()).isEqualTo("{\"requests\":0,\"done\":0}");
  }

  @Test
  void theStateOfAGateBelongsToOneProcess() throws Exception {
    // Given
    Map<String, String> environment = gateEnvironment();
    environment.put("WRIT_LISTEN", "127.0.0.1:" + Programs.freePort());
    environment.remove("WRIT_ADMIN");
    // When
    Process second = programs.sidecar("second", environment);
    // Then
    assertThat(second.waitFor()).isNotZero();
    assertThat(Files.readString(folder.resolve("second.log"))).contains(file("gate"));
  }

  @Test
  void anUnknownVariableStopsTheStartAndIsNamed() throws Exception {
    // Given
    Map<String, String> environment = gateEnvironment();
    environment.put("WRIT_LISTENS", "127.0.0.1:1");
    // When
    Process process = programs.sidecar("unknown", environment);
    // Then
    assertThat(process.waitFor()).isNotZero();
    assertThat(Files.readString(folder.resolve("unknown.log"))).contains("WRIT_LISTENS");
  }

  private void startGate() throws IOException, InterruptedException {
    gateProcess = programs.sidecar("gate", gateEnvironment());
    programs.awaitReady("gate", gateProcess, "http://127.0.0.1:" + gateAdmin + "/readyz");
  }

  private Map<String, String> gateEnvironment() {
    return new HashMap<>(
        Map.of(
            "WRIT_MODE",
            "standalone",
            "WRIT_SERVICES",
            "spiffe://cluster.local/ns/bank/svc/ledger-agent",
            "WRIT_LISTEN",
            "127.0.0.1:" + gate,
            "WRIT_UPSTREAM",
            "127.0.0.1:" + app,
            "WRIT_TRUST_FILE",
            file("trust.json"),
            "WRIT_STATE_DIR",
            file("gate"),
            "WRIT_ADMIN",
            "127.0.0.1:" + gateAdmin));
  }

  private void startHelper() throws IOException, InterruptedException {
    Process process =
        programs.sidecar(
            "helper",
            Map.of(
                "WRIT_MODE",
                "standalone",
                "WRIT_OUTBOUND",
                "127.0.0.1:" + helper,
                "WRIT_KEY_FILE",
                file("agent.jwk"),
                "WRIT_CONTRACTS_DIR",
                file("contracts"),
                "WRIT_HOSTS",
                HOST + "=127.0.0.1:" + gate,
                "WRIT_TRUST_FILE",
                file("trust.json"),
                "WRIT_STATE_DIR",
                file("helper"),
                "WRIT_ADMIN",
                "127.0.0.1:" + helperAdmin));
    programs.awaitReady("helper", process, "http://127.0.0.1:" + helperAdmin + "/readyz");
  }

  private HttpResponse<String> pay(String payment) throws IOException, InterruptedException {
    return throughHelper("POST", "/v1/transfers", payment);
  }

  private HttpResponse<String> throughHelper(String method, String path, String body)
      throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(
                ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), helper)))
            .build()) {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + HOST + path));
      if (!body.isEmpty()) {
        request.header("Content-Type", "application/json");
      }
      request.method(
          method,
          body.isEmpty()
              ? HttpRequest.BodyPublishers.noBody()
              : HttpRequest.BodyPublishers.ofString(body));
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private String stats() throws IOException, InterruptedException {
    return programs.get("http://127.0.0.1:" + app + "/stats").body();
  }

  private void writ(String... args) throws IOException, InterruptedException {
    Programs.Result result = programs.writ(args);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}
