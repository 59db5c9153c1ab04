package dev.writ.sidecar.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** gRPC at the gate: what is let through over HTTP/2, how a denial reads, what may stream. */
final class GrpcGateIT {
  private static final Issuer ISSUER = new Issuer();
  private static final String TRANSFER = "/bank.v1.Payments/Transfer";
  private static final String WATCH = "/bank.v1.Payments/Watch";
  private static final String FLOOD = "/bank.v1.Payments/Flood";
  private static final String ECHO = "/bank.v1.Payments/Echo";
  private static final byte[] MESSAGE = GrpcApp.message("pay").getBytes();
  private static final byte[] NONE = new byte[0];
  @TempDir private static Path directory;
  private static GrpcApp app;
  private static RunningSidecar sidecar;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = new GrpcApp();
    sidecar = new RunningSidecar(directory, ISSUER, app.port());
    sidecar.environment.put("WRIT_PROTOCOL", "grpc");
    sidecar.start();
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

  private Issuer.Draft draft() {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules =
        "[{\"action\":\"pay\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\",\"Fail\",\"Flood\"]}},"
            + "{\"action\":\"watch\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Watch\",\"Echo\"],"
            + "\"streaming\":true}}]";
    return draft;
  }

  private Http2Caller caller(Issuer.Draft draft) throws IOException {
    return new Http2Caller(sidecar.port, key, draft.sign());
  }

  @Test
  void anAnswerThatNobodyTakesStopsNobodyElses() throws Exception {
    List<Http2Caller> all = new ArrayList<>();
    try {
      // Given: of so many, some share a connection to the app with each of the others
      for (int i = 0; i < 8; i++) {
        Http2Caller stalled = caller(draft());
        all.add(stalled);
        stalled.wire.request(stalled.head(FLOOD, MESSAGE), MESSAGE);
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> sidecar.metric("writ_memory_underway_bytes{side=\"gate\"") >= 8 * 128 * 1024);
      // When
      for (int i = 0; i < 8; i++) {
        Http2Caller caller = caller(draft());
        all.add(caller);
        // Then
        assertThat(caller.call(TRANSFER, MESSAGE).field("grpc-status")).contains("0");
      }
    } finally {
      for (Http2Caller one : all) {
        one.close();
      }
    }
  }

  @Test
  void theCrumbsOfACookieReachTheAppAsOneField() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      List<Field> head = new ArrayList<>(caller.head(TRANSFER, MESSAGE));
      head.add(new Field("cookie", "a=1"));
      head.add(new Field("cookie", "b=2"));

      assertThat(caller.wire.reply(caller.wire.request(head, MESSAGE)).status()).isEqualTo(200);

      assertThat(app.seen.getFirst().fields()).containsEntry("cookie", "a=1; b=2");
    }
  }

  @Test
  void aGrantedCallReachesTheAppOverHttp2AndItsTrailersTheCaller() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      Http2Wire.Reply reply = caller.call(TRANSFER, MESSAGE);

      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.body()).isEqualTo(GrpcApp.message("done"));
      assertThat(reply.blocks()).isEqualTo(2);
      assertThat(reply.field("grpc-status")).contains("0");
      assertThat(reply.field("capability-receipt")).isPresent().get().isNotEqualTo("forged");
      assertThat(reply.fields()).extracting(Field::value).doesNotContain("forged");
      GrpcApp.Seen seen = app.seen.getFirst();
      assertThat(seen.version()).isEqualTo(HttpVersion.HTTP_2);
      assertThat(seen.path()).isEqualTo(TRANSFER);
      assertThat(seen.authority()).isEqualTo("ledger.bank");
      assertThat(seen.body().getBytes()).isEqualTo(MESSAGE);
      assertThat(seen.fields())
          .containsEntry("te", "trailers")
          .containsEntry("capability-action", "pay")
          .containsEntry("capability-subject", Issuer.CALLER)
          .doesNotContainKeys("signature", "signature-input", "capability-contract", "host");
    }
  }

  @Test
  void anAnswerOfTheAppThatIsTrailersAloneStaysThat() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      Http2Wire.Reply reply = caller.call("/bank.v1.Payments/Fail", MESSAGE);

      assertThat(reply.field("grpc-status")).contains("5");
      assertThat(reply.blocks()).isEqualTo(1);
    }
  }

  @Test
  void aDenialIsTrailersThatSayWhy() throws Exception {
    Issuer.Draft draft = draft();
    draft.calls = 1L;
    try (Http2Caller caller = caller(draft)) {
      Http2Wire.Reply other = caller.call("/bank.v1.Payments/Close", MESSAGE);
      Http2Wire.Reply first = caller.call(TRANSFER, MESSAGE);
      Http2Wire.Reply second = caller.call(TRANSFER, MESSAGE);
      Http2Wire.Reply health = caller.call("/grpc.health.v1.Health/Check", MESSAGE);

      assertThat(other.status()).isEqualTo(200);
      assertThat(other.blocks()).isEqualTo(1);
      assertThat(other.field("content-type")).contains("application/grpc");
      assertThat(other.field("grpc-status")).contains("7");
      assertThat(other.field("grpc-message").orElseThrow()).startsWith("action-not-granted: ");
      assertThat(other.field("capability-receipt")).isPresent();
      assertThat(first.field("grpc-status")).contains("0");
      assertThat(first.field("capability-remaining")).contains("0");
      assertThat(second.field("grpc-status")).contains("8");
      assertThat(second.field("grpc-message").orElseThrow()).startsWith("quota-exhausted: ");
      assertThat(health.field("grpc-status")).contains("7");
      assertThat(app.seen).hasSize(1);
    }
  }

  @Test
  void whatComesBeforeTheActionIsRefusedInHttp() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      Http2Wire.Reply bare =
          caller.wire.reply(
              caller.wire.request(
                  Http2Wire.head(
                      "POST", TRANSFER, List.of(new Field("content-type", "application/grpc"))),
                  MESSAGE));
      List<Field> copy = caller.head(TRANSFER, MESSAGE);
      caller.wire.reply(caller.wire.request(copy, MESSAGE));
      Http2Wire.Reply replayed = caller.wire.reply(caller.wire.request(copy, MESSAGE));
      Http2Wire.Reply changed =
          caller.wire.reply(
              caller.wire.request(
                  caller.head(TRANSFER, MESSAGE), GrpcApp.message("more").getBytes()));

      assertThat(bare.status()).isEqualTo(401);
      assertThat(bare.code()).isEqualTo("missing-contract");
      assertThat(replayed.code()).isEqualTo("replayed");
      assertThat(changed.code()).isEqualTo("digest-mismatch");
      assertThat(app.seen).hasSize(1);
    }
  }

  @Test
  void manyCallsShareAConnection() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      for (int i = 0; i < 100; i++) {
        caller.wire.request(caller.head(TRANSFER, MESSAGE), MESSAGE);
      }
      int ended = 0;
      while (ended < 100) {
        Http2Wire.Frame frame = caller.wire.read();
        assertThat(frame.type()).isNotIn(Http2Wire.RST_STREAM, Http2Wire.GOAWAY);
        ended += frame.type() == Http2Wire.HEADERS && frame.is(Http2Wire.END_STREAM) ? 1 : 0;
      }

      assertThat(app.seen).hasSize(100);
    }
  }

  @Test
  void aStreamGoesBothWaysWhereTheRuleSaysSoAndTheRecordShowsWhatWasProved() throws Exception {
    Issuer.Draft draft = draft();
    try (Http2Caller caller = caller(draft)) {
      int on = caller.wire.next();
      caller.wire.send(
          Http2Wire.HEADERS, Http2Wire.END_HEADERS, on, Http2Wire.block(caller.opening(ECHO)));
      for (String text : List.of("one", "two", "three")) {
        byte[] sent = GrpcApp.message(text).getBytes();
        caller.wire.send(Http2Wire.DATA, 0, on, sent);
        assertThat(caller.wire.data(on)).isEqualTo(sent);
      }
      caller.wire.send(Http2Wire.DATA, Http2Wire.END_STREAM, on, NONE);

      assertThat(caller.wire.reply(on).field("grpc-status")).contains("0");
      assertThat(sidecar.records().stream().filter(r -> r.contains(draft.cid)))
          .singleElement()
          .asString()
          .contains("\"action\":\"watch\"")
          .doesNotContain("bodyDigest");
    }
  }

  @Test
  void aStreamWithoutADigestIsRefusedWhereNoRuleAllowsIt() throws Exception {
    Issuer.Draft unary = draft();
    unary.rules =
        "[{\"action\":\"pay\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\"]}}]";
    try (Http2Caller caller = caller(draft());
        Http2Caller other = caller(unary)) {
      Http2Wire.Reply method =
          caller.wire.reply(caller.wire.request(caller.opening(TRANSFER), NONE));
      Http2Wire.Reply contract =
          other.wire.reply(other.wire.request(other.opening(TRANSFER), NONE));

      assertThat(method.field("grpc-status")).contains("7");
      assertThat(contract.status()).isEqualTo(400);
      assertThat(contract.code()).isEqualTo("malformed");
      assertThat(app.seen).isEmpty();
    }
  }

  @Test
  void inShadowModeACallGoesOnAsItIsAndAMalformedOneDoesNot() throws Exception {
    Path home = Files.createDirectory(directory.resolve("shadow"));
    RunningSidecar shadow = new RunningSidecar(home, ISSUER, app.port());
    shadow.environment.put("WRIT_PROTOCOL", "grpc");
    shadow.environment.put("WRIT_GATE", "audit");
    shadow.start();
    Field type = new Field("content-type", "application/grpc");
    Field late = new Field("connection", "close");
    try (Http2Wire wire = new Http2Wire(shadow.port)) {
      Http2Wire.Reply bare =
          wire.reply(wire.request(Http2Wire.head("POST", TRANSFER, List.of(type)), MESSAGE));
      int on = wire.next();
      wire.send(
          Http2Wire.HEADERS,
          Http2Wire.END_HEADERS,
          on,
          Http2Wire.block(Http2Wire.head("POST", ECHO, List.of(type))));
      wire.send(Http2Wire.DATA, 0, on, MESSAGE);
      byte[] echoed = wire.data(on);
      wire.send(Http2Wire.DATA, Http2Wire.END_STREAM, on, NONE);
      Http2Wire.Reply streamed = wire.reply(on);
      Http2Wire.Reply malformed =
          wire.reply(wire.request(Http2Wire.head("POST", TRANSFER, List.of(type, late)), MESSAGE));

      assertThat(bare.body()).isEqualTo(GrpcApp.message("done"));
      assertThat(bare.field("grpc-status")).contains("0");
      assertThat(app.seen.getFirst().body().getBytes()).isEqualTo(MESSAGE);
      assertThat(app.seen.getFirst().fields()).doesNotContainKey("capability-subject");
      assertThat(echoed).isEqualTo(MESSAGE);
      assertThat(streamed.field("grpc-status")).contains("0");
      assertThat(malformed.reset()).isEqualTo(1);
      assertThat(app.seen).hasSize(2);
    } finally {
      shadow.close();
    }
  }

  @Test
  void aStreamUnderWayEndsByItselfWhenTheGateStops() throws Exception {
    Path home = Files.createDirectory(directory.resolve("stopping"));
    RunningSidecar stopping = new RunningSidecar(home, ISSUER, app.port());
    stopping.environment.put("WRIT_PROTOCOL", "grpc");
    stopping.start();
    try (Http2Caller caller = new Http2Caller(stopping.port, key, draft().sign())) {
      int on = caller.wire.next();
      caller.wire.send(
          Http2Wire.HEADERS, Http2Wire.END_HEADERS, on, Http2Wire.block(caller.opening(ECHO)));
      caller.wire.send(Http2Wire.DATA, 0, on, MESSAGE);
      assertThat(caller.wire.data(on)).isEqualTo(MESSAGE);

      CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> terminated(stopping));
      Http2Wire.Frame frame = caller.wire.read();
      while (frame.type() != Http2Wire.GOAWAY) {
        frame = caller.wire.read();
      }
      caller.wire.send(Http2Wire.DATA, 0, on, MESSAGE);
      byte[] echoed = caller.wire.data(on);
      caller.wire.send(Http2Wire.DATA, Http2Wire.END_STREAM, on, NONE);

      assertThat(frame.error()).isZero();
      assertThat(echoed).isEqualTo(MESSAGE);
      assertThat(caller.wire.reply(on).field("grpc-status")).contains("0");
      assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    } finally {
      stopping.close();
    }
  }

  private static int terminated(RunningSidecar sidecar) {
    try {
      return sidecar.terminate();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anAppThatIsNotThereIsUnavailable() throws Exception {
    Path home = Files.createDirectory(directory.resolve("alone"));
    RunningSidecar alone = new RunningSidecar(home, ISSUER, RunningSidecar.freePort());
    alone.environment.put("WRIT_PROTOCOL", "grpc");
    alone.start();
    try (Http2Caller caller = new Http2Caller(alone.port, key, draft().sign())) {
      Http2Wire.Reply reply = caller.call(TRANSFER, MESSAGE);

      assertThat(reply.status()).isEqualTo(502);
      assertThat(reply.code()).isEqualTo("upstream-unavailable");
    } finally {
      alone.close();
    }
  }

  @Test
  void aCallerThatResetsItsStreamCancelsTheAppsWork() throws Exception {
    try (Http2Caller caller = caller(draft())) {
      int on = caller.wire.next();
      caller.wire.send(
          Http2Wire.HEADERS, Http2Wire.END_HEADERS, on, Http2Wire.block(caller.opening(WATCH)));
      assertThat(caller.wire.data(on)).isEqualTo(GrpcApp.message("first").getBytes());

      caller.wire.send(Http2Wire.RST_STREAM, 0, on, new byte[] {0, 0, 0, 8});

      assertThat(app.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
