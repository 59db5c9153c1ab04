package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An app that calls by gRPC through the helper, which signs for it: one process is the helper of
 * the caller and the gate of the callee.
 */
final class GrpcHelperIT {
  private static final Issuer ISSUER = new Issuer();
  private static final String HOST = "ledger.bank:50051";
  private static final String TRANSFER = "/bank.v1.Payments/Transfer";
  private static final String ECHO = "/bank.v1.Payments/Echo";
  private static final byte[] MESSAGE = GrpcApp.message("pay").getBytes();
  private static final byte[] NONE = new byte[0];
  @TempDir private static Path directory;
  private static GrpcApp app;
  private static RunningSidecar sidecar;
  private static int helper;

  @BeforeAll
  static void start() throws Exception {
    app = new GrpcApp();
    helper = RunningSidecar.freePort();
    sidecar = new RunningSidecar(directory, ISSUER, app.port());
    PrivateKey key = PrivateKey.generate();
    Path contracts = Files.createDirectory(directory.resolve("contracts"));
    Files.writeString(directory.resolve("key.jwk"), key.toJwk());
    Issuer.Draft draft = ISSUER.contract(key);
    draft.rules =
        "[{\"action\":\"pay\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\",\"Fail\"]}},"
            + "{\"action\":\"watch\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Watch\",\"Echo\"],"
            + "\"streaming\":true}}]";
    Files.writeString(contracts.resolve("ledger.jws"), draft.sign());
    draft.aud = "spiffe://cluster.local/ns/bank/svc/other";
    Files.writeString(contracts.resolve("other.jws"), draft.sign());
    draft.aud = "spiffe://cluster.local/ns/bank/svc/gone";
    Files.writeString(contracts.resolve("gone.jws"), draft.sign());
    sidecar.environment.put("WRIT_PROTOCOL", "grpc");
    sidecar.environment.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    sidecar.environment.put("WRIT_KEY_FILE", directory.resolve("key.jwk").toString());
    sidecar.environment.put("WRIT_CONTRACTS_DIR", contracts.toString());
    sidecar.environment.put(
        "WRIT_HOSTS",
        String.join(
            ",",
            HOST + "=127.0.0.1:" + sidecar.port,
            "other.bank:50051=127.0.0.1:" + sidecar.port,
            "gone.bank:50051=127.0.0.1:" + RunningSidecar.freePort(),
            "plain.bank:50051=127.0.0.1:" + app.port()));
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

  private static List<Field> head(String host, String path) {
    List<Field> head = new ArrayList<>();
    head.add(new Field(":method", "POST"));
    head.add(new Field(":scheme", "http"));
    head.add(new Field(":path", path));
    head.add(new Field(":authority", host));
    head.add(new Field("content-type", "application/grpc"));
    head.add(new Field("te", "trailers"));
    head.add(new Field("x-mine", "yes"));
    return head;
  }

  private static Http2Wire.Reply call(Http2Wire wire, String host, String path) throws IOException {
    return wire.reply(wire.request(head(host, path), MESSAGE));
  }

  @Test
  void theCrumbsOfACookieGoOnAsOneField() throws Exception {
    try (Http2Wire wire = new Http2Wire(helper)) {
      List<Field> head = head("plain.bank:50051", TRANSFER);
      head.add(new Field("cookie", "a=1"));
      head.add(new Field("cookie", "b=2"));

      assertThat(wire.reply(wire.request(head, MESSAGE)).status()).isEqualTo(200);

      assertThat(app.seen.getFirst().fields()).containsEntry("cookie", "a=1; b=2");
    }
  }

  @Test
  void aCallOfOneMessageIsSignedAndGoesOnOverHttp2() throws Exception {
    try (Http2Wire wire = new Http2Wire(helper)) {
      Http2Wire.Reply reply = call(wire, HOST, TRANSFER);
      Http2Wire.Reply failed = call(wire, HOST, "/bank.v1.Payments/Fail");

      assertThat(reply.body()).isEqualTo(GrpcApp.message("done"));
      assertThat(reply.field("grpc-status")).contains("0");
      assertThat(reply.field("capability-receipt")).isPresent();
      assertThat(reply.field("capability-nonce")).isEmpty();
      assertThat(failed.field("grpc-status")).contains("5");
      assertThat(failed.blocks()).isEqualTo(1);
      assertThat(app.seen.getFirst().fields())
          .containsEntry("capability-subject", Issuer.CALLER)
          .containsEntry("x-mine", "yes");
      assertThat(app.seen.getFirst().authority()).isEqualTo(HOST);
      assertThat(app.seen.getFirst().body().getBytes()).isEqualTo(MESSAGE);
    }
  }

  @Test
  void everyRefusalIsTrailersWithTheReason() throws Exception {
    try (Http2Wire wire = new Http2Wire(helper)) {
      Http2Wire.Reply denied = call(wire, HOST, "/bank.v1.Payments/Close");
      Http2Wire.Reply inHttp = call(wire, "other.bank:50051", TRANSFER);
      Http2Wire.Reply gone = call(wire, "gone.bank:50051", TRANSFER);
      Http2Wire.Reply own =
          wire.reply(
              wire.request(join(head(HOST, TRANSFER), new Field("signature", "cap=:x:")), MESSAGE));

      assertRefused(denied, "7", "action-not-granted: ");
      assertRefused(inHttp, "7", "wrong-audience: ");
      assertThat(inHttp.field("capability-receipt")).isPresent();
      assertRefused(gone, "14", "upstream-unavailable: Couldn't connect to ");
      assertRefused(own, "3", "malformed: signature is for the helper to set");
      assertThat(app.seen).isEmpty();
    }
  }

  private static List<Field> join(List<Field> head, Field field) {
    head.add(field);
    return head;
  }

  private static void assertRefused(Http2Wire.Reply reply, String status, String message) {
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.field("content-type")).contains("application/grpc");
    assertThat(reply.field("grpc-status")).contains(status);
    assertThat(reply.field("grpc-message").orElseThrow()).startsWith(message);
    assertThat(reply.blocks()).isEqualTo(1);
  }

  @Test
  void aStreamGoesBothWaysWithAndWithoutAContract() throws Exception {
    for (String host : List.of(HOST, "plain.bank:50051")) {
      try (Http2Wire wire = new Http2Wire(helper)) {
        int on = wire.next();
        wire.send(Http2Wire.HEADERS, Http2Wire.END_HEADERS, on, Http2Wire.block(head(host, ECHO)));
        for (String text : List.of("one", "two", "three")) {
          byte[] sent = GrpcApp.message(text).getBytes();
          wire.send(Http2Wire.DATA, 0, on, sent);
          assertThat(wire.data(on)).isEqualTo(sent);
        }
        wire.send(Http2Wire.DATA, Http2Wire.END_STREAM, on, NONE);

        assertThat(wire.reply(on).field("grpc-status")).as(host).contains("0");
      }
    }
  }

  @Test
  void manyCallsAtOnceShareTheAppsConnection() throws Exception {
    try (Http2Wire wire = new Http2Wire(helper)) {
      for (int i = 0; i < 60; i++) {
        wire.request(head(HOST, TRANSFER), MESSAGE);
      }
      int ended = 0;
      while (ended < 60) {
        Http2Wire.Frame frame = wire.read();
        assertThat(frame.type()).isNotIn(Http2Wire.RST_STREAM, Http2Wire.GOAWAY);
        ended += frame.type() == Http2Wire.HEADERS && frame.is(Http2Wire.END_STREAM) ? 1 : 0;
      }

      assertThat(app.seen).hasSize(60);
    }
  }

  @Test
  void anAppThatGivesUpCancelsTheCalleesWork() throws Exception {
    try (Http2Wire wire = new Http2Wire(helper)) {
      int on = wire.next();
      wire.send(
          Http2Wire.HEADERS,
          Http2Wire.END_HEADERS,
          on,
          Http2Wire.block(head(HOST, "/bank.v1.Payments/Watch")));
      assertThat(wire.data(on)).isEqualTo(GrpcApp.message("first").getBytes());

      wire.send(Http2Wire.RST_STREAM, 0, on, new byte[] {0, 0, 0, 8});

      assertThat(app.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aTunnelThatAClientOfGrpcAsksItsProxyForIsSignedForToo() throws Exception {
    byte[] connect =
        ("CONNECT " + HOST + " HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n").getBytes(ISO_8859_1);
    try (Http2Wire wire = new Http2Wire(helper, connect)) {
      assertThat(call(wire, HOST, TRANSFER).field("grpc-status")).contains("0");
    }
  }
}
