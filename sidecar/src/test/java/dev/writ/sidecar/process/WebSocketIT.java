package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocketHandshake;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * WebSockets at the gate and through the helper: the opening is proved, one connection is a call.
 */
final class WebSocketIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Issuer ISSUER = new Issuer();
  private static final String RULE =
      "{\"action\":\"talk\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/live\"}],"
          + "\"upgrade\":\"websocket\"}}";
  private static final String READ =
      "{\"action\":\"read\",\"http\":{\"methods\":[\"GET\",\"POST\"],\"paths\":[{\"type\":\"Prefix\",\"value\":\"/\"}]}}";
  private static final String[] HANDSHAKE = {
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };
  private static final PrivateKey HELPER = PrivateKey.generate();
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  @TempDir private static Path directory;
  private static Vertx vertx;
  private static HttpServer app;
  private static RunningSidecar sidecar;
  private static int helper;
  private static RevocationFile revocations;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    app =
        vertx
            .createHttpServer()
            .webSocketHandshakeHandler(WebSocketIT::accept)
            .webSocketHandler(
                socket -> {
                  socket.textMessageHandler(text -> socket.writeTextMessage("re: " + text));
                  socket.closeHandler(_ -> SEEN.add("closed"));
                })
            .requestHandler(
                request -> {
                  SEEN.add(request.method() + " " + request.uri());
                  request.response().end("plain");
                })
            .listen(0, "127.0.0.1")
            .await();
    helper = RunningSidecar.freePort();
    sidecar = new RunningSidecar(directory, ISSUER, app.actualPort());
    Path contracts = Files.createDirectory(directory.resolve("contracts"));
    Files.writeString(directory.resolve("key.jwk"), HELPER.toJwk());
    Issuer.Draft draft = ISSUER.contract(HELPER);
    draft.rules = "[" + RULE + "]";
    Files.writeString(contracts.resolve("ledger.jws"), draft.sign());
    sidecar.environment.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    sidecar.environment.put("WRIT_KEY_FILE", directory.resolve("key.jwk").toString());
    sidecar.environment.put("WRIT_CONTRACTS_DIR", contracts.toString());
    sidecar.environment.put("WRIT_HOSTS", "ledger.bank:80=127.0.0.1:" + sidecar.port);
    revocations = new RevocationFile(directory.resolve("revocations.jws"), ISSUER, sidecar);
    sidecar.start();
  }

  private static void accept(ServerWebSocketHandshake handshake) {
    SEEN.add("handshake " + handshake.uri() + " " + handshake.headers().get("Capability-Action"));
    if (handshake.uri().contains("refuse")) {
      handshake.reject(418);
    } else {
      handshake.accept();
    }
  }

  @AfterAll
  static void stop() throws Exception {
    sidecar.close();
    vertx.close().await();
  }

  @BeforeEach
  void forget() throws Exception {
    await().atMost(PATIENCE).until(() -> sidecar.metric("writ_calls_in_flight") == 0);
    SEEN.clear();
  }

  private Issuer.Draft draft(String... rules) {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules = "[" + String.join(",", rules) + "]";
    return draft;
  }

  /** What the other side says, and {@code closed} at its end. */
  private static final class Heard implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      texts.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      texts.add("closed");
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      texts.add("closed");
    }

    String next() throws InterruptedException {
      return texts.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** A client that signs itself. */
  private static WebSocket open(Caller caller, Heard heard) {
    WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
    caller
        .signed("GET", "/live", "", new byte[0])
        .forEach(field -> builder.header(field.name(), field.value()));
    return builder.buildAsync(URI.create("ws://127.0.0.1:" + sidecar.port + "/live"), heard).join();
  }

  @Test
  void aWebSocketIsOneCallAndHoldsItsPlaceUntilItEnds() throws Exception {
    // Given
    Issuer.Draft draft = draft(RULE);
    draft.calls = 2L;
    draft.concurrent = 1;
    try (Caller caller = new Caller(sidecar.port, key, draft.sign())) {
      Heard heard = new Heard();
      // When
      WebSocket socket = open(caller, heard);
      for (int i = 0; i < 20; i++) {
        socket.sendText("hello " + i, true).join();
        assertThat(heard.next()).isEqualTo("re: hello " + i);
      }
      // Then
      assertThat(caller.get("/live").code()).isEqualTo("too-many-concurrent");
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      assertThat(heard.next()).isEqualTo("closed");
      await().atMost(PATIENCE).until(() -> SEEN.contains("closed"));
      await().atMost(PATIENCE).until(() -> sidecar.metric("writ_calls_in_flight") == 0);
      assertThat(SEEN.getFirst()).isEqualTo("handshake /live talk");
      assertThat(caller.get("/live").field("capability-remaining")).contains("0");
      assertThat(caller.get("/live").code()).isEqualTo("quota-exhausted");
      assertThat(sidecar.records())
          .anySatisfy(record -> assertThat(record).contains("\"upstreamStatus\":101"));
    }
  }

  @Test
  void anUpgradeThatNoRuleGrantsDoesNotReachTheApp() throws Exception {
    try (Caller caller = new Caller(sidecar.port, key, draft(READ).sign());
        Caller other = new Caller(sidecar.port, key, draft(RULE, READ).sign())) {
      assertThat(caller(caller, "GET", "/live", HANDSHAKE).code()).isEqualTo("action-not-granted");
      assertThat(caller(other, "GET", "/other", HANDSHAKE).code()).isEqualTo("action-not-granted");
      assertThat(caller(other, "POST", "/live", HANDSHAKE).code()).isEqualTo("action-not-granted");
      assertThat(caller(other, "GET", "/live", "Upgrade: websocket").code())
          .isEqualTo("action-not-granted");
      assertThat(caller(other, "GET", "/live", "Connection: Upgrade", "Upgrade: h2c").code())
          .isEqualTo("action-not-granted");
      assertThat(
              caller(other, "GET", "/live", "Connection: Upgrade", "Upgrade: websocket, h2c")
                  .code())
          .isEqualTo("action-not-granted");
      assertThat(SEEN).isEmpty();
    }
  }

  private static Wire.Reply caller(Caller caller, String method, String target, String... lines)
      throws IOException {
    caller.wire.send(caller.request(method, target, "", new byte[0], lines));
    return caller.wire.reply(false);
  }

  @Test
  void whatIsSentBeforeTheAnswerWaitsForIt() throws Exception {
    try (Caller caller = new Caller(sidecar.port, key, draft(RULE).sign());
        Caller refused = new Caller(sidecar.port, key, draft(READ).sign())) {
      // When
      caller.wire.send(
          join(caller.request("GET", "/live", "", new byte[0], HANDSHAKE), frame("early")));
      refused.wire.send(
          join(
              refused.request("GET", "/live", "", new byte[0], HANDSHAKE),
              "GET /secret HTTP/1.1\r\nHost: ledger.bank\r\n\r\n".getBytes(ISO_8859_1)));
      // Then
      assertThat(caller.wire.head().status()).isEqualTo(101);
      assertThat(caller.wire.bytes(2 + "re: early".length()))
          .endsWith("re: early".getBytes(ISO_8859_1));
      assertThat(refused.wire.reply(false).code()).isEqualTo("action-not-granted");
      assertThat(refused.wire.reply(false).code()).isEqualTo("missing-contract");
      assertThat(SEEN).containsExactly("handshake /live talk");
    }
  }

  private static byte[] join(byte[] one, byte[] other) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(one);
    all.writeBytes(other);
    return all.toByteArray();
  }

  /** A text frame of a client, masked with zeros. */
  private static byte[] frame(String text) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(0x81);
    frame.write(0x80 | text.length());
    frame.writeBytes(new byte[4]);
    frame.writeBytes(text.getBytes(ISO_8859_1));
    return frame.toByteArray();
  }

  @Test
  void anAppThatDoesNotAgreeAnswersAsUsual() throws Exception {
    String rule = RULE.replace("Exact", "Prefix");
    try (Caller caller = new Caller(sidecar.port, key, draft(rule).sign())) {
      assertThat(caller(caller, "GET", "/live/refuse", HANDSHAKE).status()).isEqualTo(418);
      assertThat(caller.get("/live").text()).isEqualTo("plain");
    }
  }

  @Test
  void aRevokedContractEndsItWhereItSaysTerminate() throws Exception {
    // Given
    Issuer.Draft ends = draft(RULE);
    ends.terminate = true;
    Issuer.Draft drains = draft(RULE);
    Heard ended = new Heard();
    Heard drained = new Heard();
    try (Caller one = new Caller(sidecar.port, key, ends.sign());
        Caller other = new Caller(sidecar.port, key, drains.sign())) {
      open(one, ended);
      WebSocket stays = open(other, drained);
      // When
      revocations.revoke(ends.cid, drains.cid);
      // Then
      assertThat(ended.next()).isEqualTo("closed");
      stays.sendText("still", true).join();
      assertThat(drained.next()).isEqualTo("re: still");
      stays.abort();
    }
  }

  @Test
  void aClientBehindTheHelperNeedNotSign() throws Exception {
    // Given
    HttpClient client =
        HttpClient.newBuilder()
            .proxy(
                ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), helper)))
            .build();
    Heard heard = new Heard();
    // When
    WebSocket socket =
        client.newWebSocketBuilder().buildAsync(URI.create("ws://ledger.bank/live"), heard).join();
    socket.sendText("hello", true).join();
    // Then
    assertThat(heard.next()).isEqualTo("re: hello");
    assertThat(SEEN).containsExactly("handshake /live talk");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    assertThatThrownBy(
            () ->
                client
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://ledger.bank/other"), new Heard())
                    .join())
        .hasCauseInstanceOf(java.net.http.WebSocketHandshakeException.class);
    assertThat(SEEN).doesNotContain("handshake /other talk");
  }
}
