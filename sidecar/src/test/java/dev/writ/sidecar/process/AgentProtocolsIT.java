package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MCP and A2A at one gate: what is let through, how a denial reads, who owns what was begun. */
final class AgentProtocolsIT {
  private static final String OTHER = "spiffe://cluster.local/ns/plan/sa/other";
  private static final String TOOL =
      "{\"jsonrpc\":\"2.0\",\"id\":\"c-%d\",\"method\":\"tools/call\",\"params\":{\"name\":\"transfer\","
          + "\"arguments\":{\"amount\":%d}}}";
  private static final Issuer ISSUER = new Issuer();
  @TempDir private static Path directory;
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  private static HttpServer app;
  private static RunningSidecar mcp;
  private static RunningSidecar a2a;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.createContext("/", AgentProtocolsIT::answer);
    app.start();
    mcp = sidecar("mcp");
    a2a = sidecar("a2a");
  }

  private static RunningSidecar sidecar(String protocol) throws Exception {
    Path folder = Files.createDirectory(directory.resolve(protocol));
    RunningSidecar sidecar = new RunningSidecar(folder, ISSUER, app.getAddress().getPort());
    sidecar.environment.put("WRIT_PROTOCOL", protocol);
    sidecar.environment.put("WRIT_LISTS", "granted");
    return sidecar.start();
  }

  /** A session for {@code initialize}, a task for a message. */
  private static void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    SEEN.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
    String reply = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"task\":{\"id\":\"task-1\"}}}";
    if (body.contains("tools/list")) {
      list(exchange, body.contains("\"id\":\"sse\""));
      return;
    }
    if (body.contains("\"initialize\"")) {
      exchange.getResponseHeaders().add("Mcp-Session-Id", "session-1");
    }
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.contains("chunked") ? 0 : reply.length());
    exchange.getResponseBody().write(reply.getBytes(UTF_8));
    exchange.close();
  }

  /** As servers of both eras answer: as JSON, or as an event in parts. */
  private static void list(HttpExchange exchange, boolean events) throws IOException {
    String list =
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"tools\":[{\"name\":\"close\",\"inputSchema\":{}},"
            + "{\"name\":\"transfer\",\"inputSchema\":{}}],\"nextCursor\":\"next\"}}";
    String type = events ? "text/event-stream" : "application/json";
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(200, events ? 0 : list.length());
    String text = events ? ": hello\n\nevent: message\ndata: " + list + "\n\n" : list;
    for (String part : text.split("(?<=close)", -1)) {
      exchange.getResponseBody().write(part.getBytes(UTF_8));
      exchange.getResponseBody().flush();
    }
    exchange.close();
  }

  @AfterAll
  static void stop() throws Exception {
    mcp.close();
    a2a.close();
    app.stop(0);
  }

  private Issuer.Draft draft(String... rules) {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules = "[" + String.join(",", rules) + "]";
    return draft;
  }

  private Issuer.Draft transfers() {
    return draft(
        "{\"action\":\"transfer\",\"mcp\":{\"names\":[\"transfer\"]},"
            + "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}");
  }

  private Issuer.Draft tasks() {
    return draft("{\"action\":\"ask\",\"a2a\":{\"operations\":[\"SendMessage\",\"GetTask\"]}}");
  }

  @Test
  void anMcpDenialIsAnErrorOfTheCallThatItAnswers() throws Exception {
    Issuer.Draft draft = transfers();
    draft.calls = 1L;
    try (Caller caller = new Caller(mcp.port, key, draft.sign())) {
      Wire.Reply large = caller.post("/mcp", TOOL.formatted(1, 501));
      Wire.Reply allowed = caller.post("/mcp", TOOL.formatted(2, 500));
      Wire.Reply spent = caller.post("/mcp", TOOL.formatted(3, 1));
      Wire.Reply list =
          caller.post("/mcp", "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/list\"}");
      Wire.Reply batch = caller.post("/mcp", "[" + TOOL.formatted(5, 1) + "]");

      assertThat(large.status()).isEqualTo(200);
      assertThat(large.text())
          .startsWith("{\"jsonrpc\":\"2.0\",\"id\":\"c-1\",\"error\":{\"code\":-32010,")
          .contains("\"code\":\"argument-not-allowed\"")
          .contains("\"receipt\":\"" + large.field("capability-receipt").orElseThrow());
      assertThat(allowed.text()).contains("task-1");
      assertThat(allowed.field("capability-remaining")).contains("0");
      assertThat(spent.text())
          .contains("\"id\":\"c-3\",\"error\":{\"code\":-32011,")
          .contains("\"limit\":1,\"used\":1");
      assertThat(list.text()).contains("transfer").contains("nextCursor").doesNotContain("close");
      assertThat(list.field("capability-remaining")).isEmpty();
      assertThat(batch.status()).isEqualTo(400);
      assertThat(SEEN).noneMatch(seen -> seen.contains("501"));
    }
  }

  @Test
  void aListAsAnEventNamesWhatTheCallerMayUse() throws Exception {
    try (Caller caller = new Caller(mcp.port, key, transfers().sign())) {
      Wire.Reply list =
          caller.post("/mcp", "{\"jsonrpc\":\"2.0\",\"id\":\"sse\",\"method\":\"tools/list\"}");

      assertThat(list.text())
          .isEqualTo(
              ": hello\n\n"
                  + "event: message\n"
                  + "data:"
                  + " {\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"tools\":[{\"name\":\"transfer\",\"inputSchema\":{}}],\"nextCursor\":\"next\"}}\n\n");
    }
  }

  @Test
  void aSessionServesOnlyWhoeverOpenedIt() throws Exception {
    Issuer.Draft stranger = transfers();
    stranger.sub = OTHER;
    try (Caller caller = new Caller(mcp.port, key, transfers().sign());
        Caller other = new Caller(mcp.port, key, stranger.sign())) {
      assertThat(inSession(other).text()).contains("action-not-granted");
      caller.post("/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}");

      assertThat(inSession(caller).text()).contains("task-1");
      assertThat(inSession(other).text()).contains("action-not-granted");
    }
  }

  private static Wire.Reply inSession(Caller caller) throws IOException {
    byte[] ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".getBytes(UTF_8);
    caller.wire.send(
        caller.request("POST", "/mcp", "application/json", ping, "Mcp-Session-Id: session-1"));
    return caller.wire.reply(false);
  }

  @Test
  void aTaskIsForWhoeverBeganItAndKnownBeforeTheAnswerIsRead() throws Exception {
    Issuer.Draft stranger = tasks();
    stranger.sub = OTHER;
    String get =
        "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"GetTask\",\"params\":{\"id\":\"task-1\"}}";
    String send =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"message/send\",\"params\":{\"message\":{"
            + "\"messageId\":\"chunked\",\"parts\":[{\"kind\":\"text\",\"text\":\"hi\"}]}}}";
    try (Caller caller = new Caller(a2a.port, key, tasks().sign());
        Caller other = new Caller(a2a.port, key, stranger.sign())) {
      assertThat(caller.post("/", get).text()).contains("argument-not-allowed").contains("-32010");
      assertThat(caller.post("/", send).text()).contains("task-1");

      assertThat(caller.post("/", get).text()).contains("task-1");
      assertThat(other.post("/", get).text()).contains("argument-not-allowed");
      Wire.Reply rest = other.get("/tasks/task-1");
      assertThat(rest.status()).isEqualTo(403);
      assertThat(rest.text())
          .startsWith("{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\"")
          .contains("ARGUMENT_NOT_ALLOWED");
      assertThat(caller.get("/.well-known/agent-card.json").status()).isEqualTo(200);
    }
    a2a.kill();
    a2a.start();
    try (Caller caller = new Caller(a2a.port, key, tasks().sign());
        Caller other = new Caller(a2a.port, key, stranger.sign())) {
      assertThat(caller.post("/", get).text()).as("after a crash").contains("task-1");
      assertThat(other.post("/", get).text()).contains("argument-not-allowed");
    }
  }
}
