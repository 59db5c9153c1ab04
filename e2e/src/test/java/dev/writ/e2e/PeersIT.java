package dev.writ.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Published clients and servers, unmodified, through helper and gate: a granted call works, and
 * what user code gets from a refused one can be acted on. {@code e2e/peers/install} installs them
 * and prints the folder for {@code WRIT_PEERS_DIR}.
 */
@EnabledIfEnvironmentVariable(named = "WRIT_PEERS_DIR", matches = ".+")
class PeersIT {
  private static final Path PEERS = Path.of(String.valueOf(System.getenv("WRIT_PEERS_DIR")));
  private static final String HOST = "ledger-agent.bank:8080";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final int app = Programs.freePort();
  private final int gate = Programs.freePort();
  private final int gateAdmin = Programs.freePort();
  private final int helper = Programs.freePort();
  private final int helperAdmin = Programs.freePort();
  private final List<Process> peers = new ArrayList<>();
  private Programs programs;

  @BeforeEach
  void start() {
    programs = new Programs(folder);
  }

  @AfterEach
  void stop() {
    peers.forEach(Process::destroyForcibly);
    programs.close();
  }

  @Test
  void theLegacyMcpClientOfTypeScriptAtServerEverything() throws Exception {
    // Given
    everything();
    guard("mcp");
    // When
    Map<String, JsonNode> steps = run(node("mcp-client-v1.mjs", "http://" + HOST + "/mcp"));
    // Then
    assertThat(steps.get("above").path("error").asText()).isEqualTo("McpError");
    assertMcp(steps);
  }

  @Test
  void theMcpClientOfTypeScriptAtAServerOfItsEra() throws Exception {
    // Given
    peer(Map.of("PORT", "" + app), node("mcp-server-v2.mjs"));
    guard("mcp");
    // When
    Map<String, JsonNode> steps = run(node("mcp-client-v2.mjs", "http://" + HOST + "/", "auto"));
    // Then
    assertMcp(steps);
  }

  @Test
  void theMcpClientOfPythonAtServerEverything() throws Exception {
    // Given
    everything();
    guard("mcp");
    // When
    Map<String, JsonNode> steps = run(python("mcp_client.py", "http://" + HOST + "/mcp"));
    // Then
    assertMcp(steps);
  }

  @Test
  void theA2aClientOfJavaScriptOverJsonRpc() throws Exception {
    // Given
    peer(Map.of(), node("a2a-server.mjs", "" + app, "http://" + HOST));
    guard("a2a");
    // When
    Map<String, JsonNode> steps = run(node("a2a-client.mjs", "http://" + HOST, "JSONRPC"));
    // Then
    assertThat(steps.get("allowed").path("id").asText()).isNotEmpty();
    assertThat(steps.get("own").path("id")).isEqualTo(steps.get("allowed").path("id"));
    assertThat(steps.get("above").toString()).contains("argument-not-allowed");
    assertThat(steps.get("other").toString()).contains("action-not-granted");
    assertThat(steps.get("stranger").toString()).contains("argument-not-allowed");
  }

  @Test
  void theA2aClientOfJavaScriptOverHttpAndJson() throws Exception {
    // Given
    peer(Map.of(), node("a2a-server.mjs", "" + app, "http://" + HOST));
    guard("a2a");
    // When
    // This one asks for a tunnel, as some clients do for plain HTTP too.
    Map<String, JsonNode> steps =
        run(Map.of("PROXY_TUNNEL", "yes"), node("a2a-client.mjs", "http://" + HOST, "HTTP+JSON"));
    // Then
    assertThat(steps.get("allowed").path("id").asText()).isNotEmpty();
    assertThat(steps.get("own").path("id")).isEqualTo(steps.get("allowed").path("id"));
    assertThat(steps.get("above").toString()).contains("argument-not-allowed");
    assertThat(steps.get("other").toString()).contains("action-not-granted");
    assertThat(steps.get("stranger").toString()).contains("argument-not-allowed");
  }

  private static void assertMcp(Map<String, JsonNode> steps) {
    assertThat(steps.get("list").path("tools").toString()).contains("get-sum", "echo");
    assertThat(steps.get("allowed").path("text").asText()).contains("501");
    refused(steps.get("above"), -32010, "argument-not-allowed");
    refused(steps.get("other"), -32010, "action-not-granted");
    refused(steps.get("spent"), -32011, "quota-exhausted");
    assertThat(steps.get("spent").path("data").path("limit").asInt()).isEqualTo(1);
    assertThat(steps.get("spent").path("data").path("used").asInt()).isEqualTo(1);
  }

  private static void refused(JsonNode step, int code, String word) {
    assertThat(step.path("code").asInt()).as(step.toString()).isEqualTo(code);
    assertThat(step.path("data").path("code").asText()).isEqualTo(word);
    assertThat(step.path("data").path("receipt").asText()).isNotEmpty();
  }

  private void everything() throws IOException, InterruptedException {
    String main = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";
    peer(Map.of("PORT", "" + app), List.of("node", main, "streamableHttp"));
  }

  private static List<String> node(String... script) {
    List<String> command = new ArrayList<>(List.of("node", "--import", "./proxy.mjs"));
    command.addAll(List.of(script));
    return command;
  }

  private static List<String> python(String... script) {
    List<String> command = new ArrayList<>(List.of(PEERS.resolve("venv/bin/python").toString()));
    command.addAll(List.of(script));
    return command;
  }

  /** Starts a server and waits for its port. */
  private void peer(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Process process = start("peer", environment, command);
    peers.add(process);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < deadline && process.isAlive()) {
      try (Socket _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), app)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("no server:\n" + Files.readString(folder.resolve("peer.log")));
  }

  /** Runs a client in the environment that injection gives it; its lines by their step. */
  private Map<String, JsonNode> run(List<String> command) throws Exception {
    return run(Map.of(), command);
  }

  private Map<String, JsonNode> run(Map<String, String> more, List<String> command)
      throws Exception {
    String proxy = "http://127.0.0.1:" + helper;
    Map<String, String> environment = new HashMap<>(more);
    environment.putAll(Map.of("HTTP_PROXY", proxy, "http_proxy", proxy, "NO_PROXY", "127.0.0.1"));
    Process process = start("client", environment, command);
    peers.add(process);
    assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
    Map<String, JsonNode> steps = new HashMap<>();
    String log = Files.readString(folder.resolve("client.log"));
    for (String line : log.lines().filter(line -> line.startsWith("{")).toList()) {
      JsonNode step = JSON.readTree(line);
      steps.put(step.path("step").asText(), step);
    }
    assertThat(process.exitValue()).as(log).isZero();
    return steps;
  }

  private Process start(String name, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(PEERS.toFile());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(name + ".log").toFile());
    return builder.start();
  }

  /** Gate and helper, with a capability of that protocol and nothing else. */
  private void guard(String protocol) throws Exception {
    Files.createDirectory(folder.resolve("contracts"));
    Path capability = Path.of("src/test/resources/peers", protocol + ".yaml").toAbsolutePath();
    writ("key", "generate", "--out", file("issuer.jwk"), "--trust-out", file("trust.json"));
    writ("key", "generate", "--out", file("agent.jwk"), "--public-out", file("agent.pub.jwk"));
    writ(
        "contract",
        "issue",
        "--capability",
        capability.toString(),
        "--holder",
        file("agent.pub.jwk"),
        "--key",
        file("issuer.jwk"),
        "--out",
        file("contracts/peer.jws"));
    Map<String, String> gated = new HashMap<>(common("gate", gateAdmin));
    gated.put("WRIT_SERVICES", "spiffe://cluster.local/ns/bank/svc/ledger-agent");
    gated.put("WRIT_PROTOCOL", protocol);
    gated.put("WRIT_LISTEN", "127.0.0.1:" + gate);
    gated.put("WRIT_UPSTREAM", "127.0.0.1:" + app);
    Map<String, String> helping = new HashMap<>(common("helper", helperAdmin));
    helping.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    helping.put("WRIT_KEY_FILE", file("agent.jwk"));
    helping.put("WRIT_CONTRACTS_DIR", file("contracts"));
    helping.put("WRIT_HOSTS", HOST + "=127.0.0.1:" + gate);
    Process first = programs.sidecar("gate", gated);
    Process second = programs.sidecar("helper", helping);
    programs.awaitReady("gate", first, "http://127.0.0.1:" + gateAdmin + "/readyz");
    programs.awaitReady("helper", second, "http://127.0.0.1:" + helperAdmin + "/readyz");
  }

  private Map<String, String> common(String name, int admin) {
    return Map.of(
        "WRIT_MODE",
        "standalone",
        "WRIT_TRUST_FILE",
        file("trust.json"),
        "WRIT_STATE_DIR",
        file(name),
        "WRIT_ADMIN",
        "127.0.0.1:" + admin);
  }

  private void writ(String... args) throws IOException, InterruptedException {
    Programs.Result result = programs.writ(args);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}
