package dev.writ.e2e;

import static dev.writ.e2e.Peers.node;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
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
  private static final String HOST = "ledger-agent.bank:8080";

  @TempDir private static Path keys;
  @TempDir Path folder;
  private final int app = Programs.freePort();
  private Peers peers;

  @BeforeAll
  static void makeKeys() throws Exception {
    Peers.makeKeys(keys);
  }

  @BeforeEach
  void start() {
    peers = new Peers(folder, keys);
  }

  @AfterEach
  void stop() {
    peers.close();
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

  @Test
  void theMcpSdkOfGoAtAServerOfItsOwn() throws Exception {
    // Given
    assumeInstalled("mcp-go");
    peer(Map.of(), List.of("./mcp-go", "serve", "127.0.0.1:" + app));
    guard("mcp");
    // When
    Map<String, JsonNode> steps = run(List.of("./mcp-go", "call", "http://" + HOST + "/"));
    // Then
    assertMcp(steps);
  }

  @Test
  void theMcpSdkOfJavaAtServerEverything() throws Exception {
    // Given
    assumeInstalled("lib");
    everything();
    guard("mcp");
    // When
    Map<String, JsonNode> steps = java("McpClientPeer.java");
    // Then
    assertMcp(steps);
  }

  @Test
  void theA2aSdksOfPythonAndOfJavaInVersion03() throws Exception {
    // Given
    assumeInstalled("venv");
    assumeInstalled("lib");
    peer(Map.of(), node("a2a-server.mjs", "" + app, "http://" + HOST));
    guard("a2a");
    // When
    Map<String, JsonNode> python = run(python("a2a_client.py", "http://" + HOST, "JSONRPC"));
    Map<String, JsonNode> rest = run(python("a2a_client.py", "http://" + HOST, "HTTP+JSON"));
    Map<String, JsonNode> java = java("A2aClientPeer.java");
    // Then
    assertA2a(python, "JSON-RPC Error -32010: argument-not-allowed", "-32010: action-not-granted");
    // Over HTTP and JSON this client keeps the status alone of an error that is not its own.
    assertA2a(rest, "HTTP Error 403", "HTTP Error 403");
    assertA2a(java, "argument-not-allowed", "action-not-granted");
    refused(java.get("above"), -32010, "argument-not-allowed");
    refused(java.get("other"), -32010, "action-not-granted");
  }

  @Test
  void theOpenAiClientAtAStub() throws Exception {
    // Given
    peer(Map.of("PORT", "" + app), node("openai-server.mjs"));
    guard("http");
    // When
    Map<String, JsonNode> steps = run(node("openai-client.mjs", "http://" + HOST + "/v1"));
    // Then
    assertThat(steps.get("allowed").path("text").asText()).isEqualTo("hello");
    assertThat(steps.get("stream").path("text").asText()).isEqualTo("hello");
    denied(steps.get("above"), "argument-not-allowed");
    denied(steps.get("model"), "argument-not-allowed");
    denied(steps.get("other"), "action-not-granted");
    denied(steps.get("spent"), "quota-exhausted");
    assertThat(steps.get("spent").path("problem").path("limit").asInt()).isEqualTo(2);
    assertThat(steps.get("spent").path("problem").path("used").asInt()).isEqualTo(2);
  }

  private static void denied(JsonNode step, String code) {
    assertThat(step.path("error").asText()).as(step.toString()).isEqualTo("PermissionDeniedError");
    assertThat(step.path("status").asInt()).isEqualTo(403);
    assertThat(step.path("code").asText()).isEqualTo(code);
  }

  @Test
  void theConformanceSuiteOfMcpGivesTheSameDirectAndThroughWrit() throws Exception {
    // Given
    everything();
    guard("mcp", "conformance");
    // When
    List<String> direct = conformance("http://127.0.0.1:" + app + "/mcp", Map.of());
    List<String> through = conformance("http://" + HOST + "/mcp", peers.proxied());
    // Then
    assertThat(through).isEqualTo(direct).hasSizeGreaterThan(25);
    assertThat(direct).filteredOn(line -> line.startsWith("✓")).hasSizeGreaterThan(10);
  }

  /** The suite's verdicts, one line per scenario. */
  private List<String> conformance(String url, Map<String, String> environment) throws Exception {
    String suite =
        Peers.FOLDER.resolve("node_modules/@modelcontextprotocol/conformance/dist/index.js") + "";
    Process process = peers.start("conformance", environment, node(suite, "server", "--url", url));
    assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
    String log = peers.output("conformance");
    return log.lines()
        .filter(line -> line.startsWith("✓") || line.startsWith("✗"))
        // The suite fails this one itself for every URL that is not of localhost.
        .filter(line -> !line.contains("dns-rebinding-protection"))
        .toList();
  }

  private static void assertA2a(Map<String, JsonNode> steps, String above, String other) {
    assertThat(steps.get("allowed").path("id").asText()).as(steps.toString()).isNotEmpty();
    assertThat(steps.get("own").path("id")).isEqualTo(steps.get("allowed").path("id"));
    assertThat(steps.get("above").path("message").asText()).contains(above);
    assertThat(steps.get("other").path("message").asText()).contains(other);
    assertThat(steps.get("stranger").path("message").asText()).contains(above);
  }

  private static void assumeInstalled(String what) {
    Assumptions.assumeTrue(
        Files.exists(Peers.FOLDER.resolve(what)), what + " is missing: see e2e/peers/install");
  }

  /** Java goes to a proxy that its own properties name. */
  private Map<String, JsonNode> java(String source) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String proxy = "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=" + peers.helper;
    return run(
        Map.of("JAVA_TOOL_OPTIONS", proxy + " -XX:TieredStopAtLevel=1"),
        List.of(java, "-cp", "lib/*", source, "http://" + HOST));
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

  private static List<String> python(String... script) {
    List<String> command =
        new ArrayList<>(List.of(Peers.FOLDER.resolve("venv/bin/python").toString()));
    command.addAll(List.of(script));
    return command;
  }

  private void peer(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    peers.serve(app, environment, command);
  }

  private Map<String, JsonNode> run(List<String> command) throws Exception {
    return run(Map.of(), command);
  }

  private Map<String, JsonNode> run(Map<String, String> more, List<String> command)
      throws Exception {
    return peers.run(more, command);
  }

  /** Gate and helper, with a capability of that protocol and nothing else. */
  private void guard(String protocol) throws Exception {
    guard(protocol, protocol);
  }

  private void guard(String protocol, String capability) throws Exception {
    peers.guard(capability, new Peers.Port(HOST, protocol, app));
  }
}
