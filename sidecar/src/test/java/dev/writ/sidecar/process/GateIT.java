package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each code of protocol.md, section 5, that one gate can give, and what the app sees of it. */
final class GateIT {
  private static final Issuer ISSUER = new Issuer();
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

  private Caller caller(String contract) throws IOException {
    return new Caller(sidecar.port, key, contract);
  }

  @Test
  void aGrantedCallReachesTheAppAsItWasChecked() throws Exception {
    try (Caller caller = caller(ISSUER.contract(key).sign())) {
      byte[] body = "{\"amount\":499.5}".getBytes(ISO_8859_1);
      caller.wire.send(
          caller.request(
              "POST",
              "/v1/transfers?x=1",
              "application/json",
              body,
              "Capability_Subject: forged",
              "Capability-Chain: forged",
              "X-HTTP-Method-Override: DELETE",
              "X-Keep: kept"));

      Wire.Reply reply = caller.wire.reply(false);

      assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      assertThat(reply.field("x-app")).contains("yes");
      assertThat(reply.field("capability-receipt").orElseThrow()).matches("[0-9a-f]{16}\\.[0-9]+");
      assertThat(reply.fields()).noneMatch(field -> field.value().equals("forged"));
      App.Seen seen = app.seen.getFirst();
      assertThat(seen.target()).isEqualTo("/v1/transfers?x=1");
      assertThat(seen.text()).isEqualTo(new String(body, ISO_8859_1));
      assertThat(seen.headers().getFirst("Capability-Subject")).isEqualTo(Issuer.CALLER);
      assertThat(seen.headers().getFirst("Capability-Action")).isEqualTo("transfer");
      assertThat(seen.headers().getFirst("X-Keep")).isEqualTo("kept");
      assertThat(seen.headers().getFirst("Host")).isEqualTo("ledger.bank");
      assertThat(seen.headers().keySet())
          .noneMatch(
              name ->
                  name.equalsIgnoreCase("capability_subject")
                      || name.equalsIgnoreCase("signature")
                      || name.equalsIgnoreCase("capability-contract")
                      || name.equalsIgnoreCase("x-http-method-override"));
    }
  }

  @Test
  void aBodyOfVeryManyValuesAndAHeadOfVeryManyFieldsAreRefused() throws Exception {
    // Given: a megabyte each, several at once, at a gate of 64 MB
    String contract = ISSUER.contract(key).sign();
    List<Caller> callers = new ArrayList<>();
    String body = "{\"amount\":1,\"all\":[" + "{},".repeat(340_000) + "0]}";
    try {
      for (int i = 0; i < 6; i++) {
        Caller caller = caller(contract);
        callers.add(caller);
        caller.wire.send(
            caller.request("POST", "/v1/transfers", "application/json", body.getBytes(ISO_8859_1)));
      }
      for (Caller caller : callers) {
        // When
        Wire.Reply reply = caller.wire.reply(false);
        // Then
        assertThat(reply.status()).as(reply.text()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("malformed");
      }
      String[] fields = new String[300];
      Arrays.fill(fields, "a: b");
      callers
          .getFirst()
          .wire
          .send(callers.getFirst().request("GET", "/read", "", new byte[0], fields));
      assertThat(callers.getFirst().wire.reply(false).status()).isEqualTo(400);
      assertThat(callers.getLast().get("/read").status()).isEqualTo(200);
    } finally {
      for (Caller caller : callers) {
        caller.close();
      }
    }
  }

  @Test
  void withoutContractTheCallerLearnsWhatToDo() throws Exception {
    try (Wire wire = new Wire(sidecar.port)) {
      wire.send("GET /read HTTP/1.1\r\nHost: ledger.bank\r\n\r\n");

      Wire.Reply reply = wire.reply(false);

      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.code()).isEqualTo("missing-contract");
      assertThat(reply.field("content-type")).contains("application/problem+json");
      assertThat(reply.field("www-authenticate")).contains("Capability error=\"missing-contract\"");
      assertThat(reply.text()).contains("\"receipt\":\"").contains("AgentCapability");
      assertThat(app.seen).isEmpty();
    }
  }

  @Test
  void aCapturedRequestIsRefusedOnItsConnectionAndOnAnother() throws Exception {
    try (Caller caller = caller(ISSUER.contract(key).sign());
        Wire other = new Wire(sidecar.port)) {
      byte[] captured =
          caller.request(
              "POST", "/v1/transfers", "application/json", "{\"amount\":1}".getBytes(ISO_8859_1));
      caller.wire.send(captured);
      assertThat(caller.wire.reply(false).status()).isEqualTo(200);

      caller.wire.send(captured);
      other.send(captured);

      assertThat(caller.wire.reply(false).code()).isEqualTo("replayed");
      assertThat(other.reply(false).code()).isEqualTo("replayed");
      assertThat(app.seen).hasSize(1);
    }
  }

  @Test
  void aStolenContractIsOfNoUseWithoutItsKey() throws Exception {
    PrivateKey thief = PrivateKey.generate();
    try (Caller caller = new Caller(sidecar.port, thief, ISSUER.contract(key).sign())) {
      assertThat(caller.transfer("1").code()).isEqualTo("use-nonce");
    }
    try (Caller owner = caller(ISSUER.contract(key).sign());
        Caller caller = new Caller(sidecar.port, thief, owner.contract)) {
      caller.challenge = owner.challenge;
      assertThat(caller.transfer("1").code()).isEqualTo("invalid-proof");
    }
    assertThat(app.seen).isEmpty();
  }

  @Test
  void anEditedContractDoesNotVerify() throws Exception {
    String signed = ISSUER.contract(key).sign();
    Issuer.Draft richer = ISSUER.contract(key);
    richer.rules = richer.rules.replace("500", "500000");
    String edited =
        signed.replaceFirst(
            "\\..*\\.",
            Matcher.quoteReplacement(
                richer.sign().replaceFirst("^[^.]*", "").replaceFirst("[^.]*$", "")));
    try (Caller caller = caller(edited)) {
      assertThat(caller.transfer("1").code()).isEqualTo("invalid-contract");
    }
    try (Caller caller = caller(ISSUER.contract(key).signBy(key))) {
      assertThat(caller.transfer("1").code()).isEqualTo("invalid-contract");
    }
    assertThat(app.seen).isEmpty();
  }

  @Test
  void eachRefusalHasItsOwnCodeAndNothingReachesTheApp() throws Exception {
    Issuer.Draft elsewhere = ISSUER.contract(key);
    elsewhere.aud = "spiffe://cluster.local/ns/bank/svc/other";
    Issuer.Draft old = ISSUER.contract(key);
    old.nbf = Issuer.now() - 900;
    old.exp = Issuer.now() - 1;
    Issuer.Draft young = ISSUER.contract(key);
    young.nbf = Issuer.now() + 60;
    assertThat(codeOf(elsewhere.sign(), "/v1/transfers", "{\"amount\":1}"))
        .isEqualTo("wrong-audience");
    assertThat(codeOf(old.sign(), "/v1/transfers", "{\"amount\":1}")).isEqualTo("expired");
    assertThat(codeOf(young.sign(), "/v1/transfers", "{\"amount\":1}")).isEqualTo("not-yet-valid");
    String good = ISSUER.contract(key).sign();
    assertThat(codeOf(good, "/v1/transfers", "{\"amount\":501}")).isEqualTo("argument-not-allowed");
    assertThat(codeOf(good, "/v1/transfers/all", "{\"amount\":1}")).isEqualTo("action-not-granted");
    assertThat(codeOf(good, "/v1/%2e%2e/admin", "{\"amount\":1}")).isEqualTo("malformed");
    assertThat(codeOf(good, "/v1/transfers", "{\"amount\":1,\"amount\":2}")).isEqualTo("malformed");
    assertThat(codeOf("x".repeat(13_000), "/v1/transfers", "{}")).isEqualTo("contract-too-large");
    assertThat(app.seen).isEmpty();
  }

  private String codeOf(String contract, String target, String json) throws IOException {
    try (Caller caller = caller(contract)) {
      return caller.post(target, json).code();
    }
  }

  @Test
  void anotherBodyOrMediaTypeThanWasSignedIsRefused() throws Exception {
    String contract = ISSUER.contract(key).sign();
    try (Caller caller = caller(contract)) {
      byte[] request =
          caller.request(
              "POST", "/v1/transfers", "application/json", "{\"amount\":1}".getBytes(ISO_8859_1));
      request[request.length - 2] = '9';
      caller.wire.send(request);
      assertThat(caller.wire.reply(false).code()).isEqualTo("digest-mismatch");
    }
    try (Caller caller = caller(contract)) {
      caller.wire.send(
          caller.request(
              "POST", "/v1/transfers", "text/plain", "{\"amount\":1}".getBytes(ISO_8859_1)));
      assertThat(caller.wire.reply(false).code()).isEqualTo("unsupported-media-type");
    }
    assertThat(app.seen).isEmpty();
  }

  @Test
  void aBodyOverTheLimitIsRefusedBeforeItIsRead() throws Exception {
    try (Caller caller = caller(ISSUER.contract(key).sign())) {
      byte[] request = caller.request("PUT", "/upload", "", new byte[(1 << 20) + 1]);
      caller.wire.send(java.util.Arrays.copyOf(request, request.length - (1 << 20)));

      Wire.Reply reply = caller.wire.reply(false);

      assertThat(reply.code()).isEqualTo("body-too-large");
      assertThat(reply.field("connection")).contains("close");
      assertThat(caller.wire.closed()).isTrue();
      assertThat(app.seen).isEmpty();
    }
  }

  @Test
  void aBodyAtTheLimitPassesAndSoDoesAChunkedOne() throws Exception {
    try (Caller caller = caller(ISSUER.contract(key).sign())) {
      byte[] body = new byte[1 << 20];
      java.util.Arrays.fill(body, (byte) 'b');
      caller.wire.send(caller.request("PUT", "/upload", "", body));
      assertThat(caller.wire.reply(false).status()).isEqualTo(200);
      assertThat(app.seen.getFirst().text()).isEqualTo(new String(body, ISO_8859_1));

      caller.wire.send(
          caller.request(
              "PUT",
              "/upload",
              "",
              "hello world".getBytes(ISO_8859_1),
              "Transfer-Encoding: chunked"));
      caller.wire.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
      Wire.Reply reply = caller.wire.reply(false);

      assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      assertThat(app.seen.getLast().text()).isEqualTo("hello world");
    }
  }

  @Test
  void callsAreCountedToTheLastAndTheAnswerSaysHowManyAreLeft() throws Exception {
    Issuer.Draft three = ISSUER.contract(key);
    three.calls = 3L;
    try (Caller caller = caller(three.sign())) {
      assertThat(caller.transfer("1").field("capability-remaining")).contains("2");
      assertThat(caller.transfer("1").field("capability-remaining")).contains("1");
      assertThat(caller.transfer("1").field("capability-remaining")).contains("0");

      Wire.Reply reply = caller.transfer("1");

      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo("quota-exhausted");
      assertThat(reply.text()).contains("\"limit\":3").contains("\"used\":3");
      assertThat(app.seen).hasSize(3);
      assertThat(
              sidecar.metric(
                  "writ_decisions_total{action=\"transfer\",code=\"quota-exhausted\",decision=\"deny\""))
          .isGreaterThanOrEqualTo(1);
      assertThat(
              sidecar.metric(
                  "writ_decisions_total{action=\"transfer\",code=\"\",decision=\"allow\""))
          .isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void theRateIsKeptAndTheAnswerSaysWhenToComeBack() throws Exception {
    Issuer.Draft slow = ISSUER.contract(key);
    slow.rate = new dev.writ.contract.document.Limits.Rate(1, 3_600);
    try (Caller caller = caller(slow.sign())) {
      assertThat(caller.transfer("1").status()).isEqualTo(200);

      Wire.Reply reply = caller.transfer("1");

      assertThat(reply.status()).isEqualTo(429);
      assertThat(reply.code()).isEqualTo("rate-limited");
      assertThat(Long.parseLong(reply.field("retry-after").orElseThrow())).isBetween(1L, 3_600L);
      assertThat(reply.text()).contains("\"resetAt\":");
    }
  }

  @Test
  void aStreamHoldsItsPlaceUntilItEnds() throws Exception {
    Issuer.Draft one = ISSUER.contract(key);
    one.concurrent = 1;
    String contract = one.sign();
    try (Caller first = caller(contract);
        Caller second = caller(contract)) {
      first.wire.send(first.request("GET", "/read/events", "", new byte[0]));
      assertThat(first.wire.head().status()).isEqualTo(200);
      assertThat(new String(first.wire.chunk(), ISO_8859_1)).isEqualTo("data: one\n\n");
      second.challenge = first.challenge;
      second.seq = 10;

      assertThat(second.get("/read").code()).isEqualTo("too-many-concurrent");

      app.goOn.countDown();
      assertThat(new String(first.wire.chunk(), ISO_8859_1)).isEqualTo("data: two\n\n");
      assertThat(first.wire.chunk()).isEmpty();
      assertThat(second.get("/read").status()).isEqualTo(200);
    }
  }
}
