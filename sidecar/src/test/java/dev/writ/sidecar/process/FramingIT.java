package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What lenient parsers forgive, what slow and vanishing callers do, and every other way past the
 * gate.
 */
final class FramingIT {
  private static final Issuer ISSUER = new Issuer();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HOST = "Host: ledger.bank\r\n";
  @TempDir private static Path directory;
  private static App app;
  private static RunningSidecar sidecar;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = new App();
    sidecar = new RunningSidecar(directory, ISSUER, app.port()).start();
  }

  @AfterAll
  static void stop() throws Exception {
    sidecar.close();
    app.close();
  }

  @BeforeEach
  void forget() {
    app.seen.clear();
  }

  private Caller caller() throws IOException {
    return new Caller(sidecar.port, key, ISSUER.contract(key).sign());
  }

  @Test
  void noMethodUpgradeOrPrefaceGetsPastTheGateWithoutAContract() throws Exception {
    List<String> heads =
        List.of(
            "GET / HTTP/1.1\r\n" + HOST,
            "HEAD / HTTP/1.1\r\n" + HOST,
            "POST / HTTP/1.1\r\n" + HOST,
            "PUT / HTTP/1.1\r\n" + HOST,
            "DELETE / HTTP/1.1\r\n" + HOST,
            "PATCH / HTTP/1.1\r\n" + HOST,
            "OPTIONS / HTTP/1.1\r\n" + HOST,
            "OPTIONS * HTTP/1.1\r\n" + HOST,
            "TRACE / HTTP/1.1\r\n" + HOST,
            "CONNECT ledger.bank:80 HTTP/1.1\r\n" + HOST,
            "CONNECT / HTTP/1.1\r\n" + HOST,
            "BREW / HTTP/1.1\r\n" + HOST,
            "GET http://ledger.bank/ HTTP/1.1\r\n" + HOST,
            "GET / HTTP/1.0\r\n" + HOST,
            "GET / HTTP/2.0\r\n" + HOST,
            "GET / HTTP/1.1\r\n"
                + HOST
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            "GET / HTTP/1.1\r\n"
                + HOST
                + "Connection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n",
            "GET /.well-known/writ/challenge/../../read HTTP/1.1\r\n" + HOST,
            "POST /.well-known/writ/challenge HTTP/1.1\r\n" + HOST,
            "GET /.well-known/writ/challenge?jkt=x HTTP/1.1\r\n" + HOST,
            "GET /.well-known/%77rit/challenge HTTP/1.1\r\n" + HOST);
    for (String head : heads) {
      try (Wire wire = new Wire(sidecar.port)) {
        wire.send(head + "\r\n");
        assertThat(wire.head().status()).as(head).isBetween(400, 499);
      }
    }
    assertThat(app.seen).isEmpty();
  }

  @Test
  void whatTwoParsersReadDifferentlyIsRefusedUnread() throws Exception {
    List<String> evil =
        List.of(
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length : 5\r\n",
            " Content-Length: 5\r\n",
            "X: a\r\n folded: b\r\n",
            "X: a\r\n\tfolded\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding:\u000bchunked\r\n",
            "X: a\nY: b\r\n",
            "X: a\rY: b\r\n",
            "X: a\u0000b\r\n",
            "X\u0000: b\r\n",
            "X y: b\r\n",
            "no colon\r\n",
            ": empty\r\n");
    for (String lines : evil) {
      try (Wire wire = new Wire(sidecar.port)) {
        wire.send(
            "POST /v1/transfers HTTP/1.1\r\n"
                + HOST
                + lines
                + "\r\n0\r\n\r\nGET /read HTTP/1.1\r\n"
                + HOST
                + "\r\n");
        Wire.Reply reply = wire.reply(false);
        assertThat(reply.status()).as(lines).isEqualTo(400);
        assertThat(wire.closed()).as(lines).isTrue();
      }
    }
    for (String line :
        List.of(
            "GET /read HTTP/1.1\n",
            "GET  /read HTTP/1.1\r\n",
            "GET /read  HTTP/1.1\r\n",
            "GET /re\u0001ad HTTP/1.1\r\n",
            "\r\nGET /read HTTP/1.1\r\n",
            " GET /read HTTP/1.1\r\n",
            "GET /read HTTP/1.1 \r\n",
            "GET /read\r\n",
            "GET\t/read HTTP/1.1\r\n")) {
      try (Wire wire = new Wire(sidecar.port)) {
        wire.send(line + HOST + "\r\n");
        assertThat(wire.reply(false).status()).as(line).isEqualTo(400);
      }
    }
    assertThat(app.seen).isEmpty();
    assertThat(sidecar.metric("writ_framing_refused_total")).isGreaterThanOrEqualTo(evil.size());
  }

  @Test
  void chunkExtensionsAndTrailersAreRefused() throws Exception {
    for (String body :
        List.of(
            "5;x=y\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n",
            "5\r\nhelloX\r\n0\r\n\r\n",
            "123456789\r\nhello\r\n",
            "\r\n",
            "5 \r\nhello\r\n0\r\n\r\n")) {
      try (Caller caller = caller()) {
        caller.wire.send(
            caller.request(
                "PUT", "/upload", "", "hello".getBytes(ISO_8859_1), "Transfer-Encoding: chunked"));
        caller.wire.send(body);
        assertThat(caller.wire.reply(false).status()).as(body).isEqualTo(400);
        assertThat(caller.wire.closed()).as(body).isTrue();
      }
    }
    assertThat(app.seen).isEmpty();
  }

  @Test
  void aHeadThatIsTooLargeIsRefused() throws Exception {
    try (Wire wire = new Wire(sidecar.port)) {
      wire.send("GET /read HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(70_000) + "\r\n\r\n");
      assertThat(wire.reply(false).status()).isEqualTo(431);
    }
  }

  @Test
  void strangersWhoDoNotEndTheirHeadsKeepNobodyOut() throws Exception {
    List<AutoCloseable> strangers = new ArrayList<>();
    try (Caller honest = caller()) {
      // Given: ten times what the heads that are not whole may hold
      for (int i = 0; i < 400; i++) {
        strangers.add(i % 2 == 0 ? unfinished() : unfinishedOverHttp2());
      }
      await().atMost(PATIENCE).until(() -> sidecar.metric("writ_framing_refused_total") >= 200);
      // When: an honest head comes in two pieces
      String request = new String(honest.request("GET", "/read", "", new byte[0]), ISO_8859_1);
      honest.wire.send(request.substring(0, 500));
      honest.wire.send(request.substring(500));
      // Then
      assertThat(honest.wire.reply(false).status()).isEqualTo(200);
      assertThat(sidecar.metric("writ_memory_heads_bytes{side=\"gate\""))
          .isBetween(1.0, 2.0 * (64 << 20) / 32);
    } finally {
      for (AutoCloseable one : strangers) {
        one.close();
      }
    }
    await()
        .atMost(PATIENCE)
        .until(() -> sidecar.metric("writ_memory_heads_bytes{side=\"gate\"") == 0);
  }

  @Test
  void strangersWhoOnlyConnectKeepNobodyOut() throws Exception {
    double before = sidecar.metric("writ_framing_refused_total");
    List<Wire> strangers = new ArrayList<>();
    try {
      // Given: more than there is memory for
      for (int i = 0; i < 1_600; i++) {
        strangers.add(new Wire(sidecar.port));
      }
      // When
      try (Caller honest = caller()) {
        assertThat(honest.get("/read").status()).isEqualTo(200);
      }
      // Then: those that were idle for longest are closed
      assertThat(sidecar.metric("writ_framing_refused_total")).isGreaterThan(before + 50);
      assertThat(sidecar.metric("writ_memory_idle_bytes{side=\"gate\""))
          .isLessThan(2.0 * (64 << 20) / 8);
      assertThat(strangers.getFirst().closed()).isTrue();
    } finally {
      for (Wire one : strangers) {
        one.close();
      }
    }
  }

  private static Wire unfinished() throws IOException {
    Wire wire = new Wire(sidecar.port);
    try {
      wire.send("GET /read HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(60_000));
    } catch (SocketException _) {
      // Closed already: as well.
    }
    return wire;
  }

  private static Http2Wire unfinishedOverHttp2() throws IOException {
    Http2Wire wire = new Http2Wire(sidecar.port);
    byte[] block =
        Http2Wire.block(
            Http2Wire.head("GET", "/read", List.of(new Field("x", "x".repeat(15_000)))));
    try {
      wire.send(Http2Wire.HEADERS, 0, 1, block);
      for (int i = 0; i < 3; i++) {
        wire.send(
            Http2Wire.CONTINUATION,
            0,
            1,
            Http2Wire.block(List.of(new Field("x" + i, "x".repeat(15_000)))));
      }
    } catch (SocketException _) {
      // Closed already: as well.
    }
    return wire;
  }

  @Test
  void aGrantedCallWithALeftOverPipelinedRequestGrantsThatNothing() throws Exception {
    try (Caller caller = caller()) {
      byte[] good =
          caller.request(
              "POST", "/v1/transfers", "application/json", "{\"amount\":1}".getBytes(ISO_8859_1));
      caller.wire.send(new String(good, ISO_8859_1) + "GET /read HTTP/1.1\r\n" + HOST + "\r\n");

      assertThat(caller.wire.reply(false).status()).isEqualTo(200);
      assertThat(caller.wire.reply(false).code()).isEqualTo("missing-contract");
      assertThat(app.seen).hasSize(1);
    }
  }

  @Test
  void pipelinedCallsAreAnsweredInTheirOrder() throws Exception {
    try (Caller caller = caller()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        all.append(new String(caller.request("GET", "/read/" + i, "", new byte[0]), ISO_8859_1));
      }
      caller.wire.send(all.toString());

      for (int i = 0; i < 20; i++) {
        assertThat(caller.wire.reply(false).text()).isEqualTo("{\"seen\":" + (i + 1) + "}");
      }
    }
  }

  @Test
  void theRestOfARefusedBodyIsNotReadAndTheAnswerArrives() throws Exception {
    try (Wire wire = new Wire(sidecar.port)) {
      wire.send(
          "POST /v1/transfers HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 100000\r\n\r\n"
              + "x".repeat(50_000));

      Wire.Reply reply = wire.reply(false);

      assertThat(reply.code()).isEqualTo("missing-contract");
      assertThat(reply.field("connection")).contains("close");
      assertThat(wire.closed()).isTrue();
    }
  }

  @Test
  void anExpectationIsAnsweredBeforeTheBodyIsSent() throws Exception {
    try (Caller caller = caller();
        Wire stranger = new Wire(sidecar.port)) {
      byte[] body = "{\"amount\":1}".getBytes(ISO_8859_1);
      caller.wire.send(
          caller.request(
              "POST", "/v1/transfers", "application/json", body, "Expect: 100-continue"));
      assertThat(caller.wire.head().status()).isEqualTo(100);
      caller.wire.send(body);
      assertThat(caller.wire.reply(false).status()).isEqualTo(200);

      stranger.send(
          "POST /v1/transfers HTTP/1.1\r\n"
              + HOST
              + "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n");
      assertThat(stranger.head().status()).isEqualTo(401);
      caller.wire.send(
          caller.request("POST", "/v1/transfers", "application/json", body, "Expect: 200-ok"));
      assertThat(caller.wire.reply(false).code()).isEqualTo("malformed");
    }
  }

  @Test
  void aCallerThatHangsUpCancelsTheAppsWork() throws Exception {
    try (Caller caller = caller()) {
      caller.wire.send(caller.request("GET", "/read/endless", "", new byte[0]));
      assertThat(caller.wire.head().status()).isEqualTo(200);
      caller.wire.chunk();
    }
    assertThat(app.hungUp.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anAnswerThatBreaksOffIsNotMadeToLookWhole() throws Exception {
    try (Caller caller = caller()) {
      caller.wire.send(caller.request("GET", "/read/broken", "", new byte[0]));
      assertThat(caller.wire.head().field("content-length")).contains("1000");
      assertThat(caller.wire.closed()).isTrue();
    }
  }

  @Test
  void anAnswerToHeadHasNoBody() throws Exception {
    try (Caller caller = caller()) {
      caller.wire.send(caller.request("HEAD", "/read", "", new byte[0]));
      assertThat(caller.wire.reply(true).status()).isEqualTo(200);
      assertThat(caller.get("/read").status()).isEqualTo(200);
    }
  }

  @Test
  void aHeadThatDoesNotEndIsGivenUp() throws Exception {
    try (Wire wire = new Wire(sidecar.port)) {
      wire.send("GET /read HTTP/1.1\r\nHost: led");
      assertThat(wire.closed()).isTrue();
    }
  }
}
