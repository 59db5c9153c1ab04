package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that take long: who ends them, when, and what becomes of the other side. */
final class LongAnswersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Issuer ISSUER = new Issuer();
  @TempDir private static Path directory;
  private static PatientApp app;
  private static RunningSidecar gate;
  private static RevocationFile revocations;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = new PatientApp();
    gate = gate("gate");
    revocations = new RevocationFile(directory.resolve("revocations.jws"), ISSUER, gate);
    gate.start();
  }

  private static RunningSidecar gate(String name) throws IOException {
    return new RunningSidecar(Files.createDirectory(directory.resolve(name)), ISSUER, app.port());
  }

  @AfterAll
  static void stop() throws Exception {
    gate.close();
    app.close();
  }

  /** The last test's streams may be ending still. */
  @BeforeEach
  void forget() throws Exception {
    await().atMost(PATIENCE).until(() -> gate.metric("writ_calls_in_flight") == 0);
    app.arrived.clear();
    app.abandoned.clear();
  }

  private Issuer.Draft one() {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.concurrent = 1;
    return draft;
  }

  private Issuer.Draft terminating() {
    Issuer.Draft draft = ISSUER.contract(key);
    draft.terminate = true;
    return draft;
  }

  /** A call whose answer has begun and goes on. */
  private Caller listening(RunningSidecar at, String contract) throws IOException {
    Caller caller = waiting(at, contract, "/read/events");
    assertThat(caller.wire.head().status()).isEqualTo(200);
    assertThat(new String(caller.wire.chunk(), ISO_8859_1)).isEqualTo("data: one\n\n");
    return caller;
  }

  /** A call that the app has and that nobody answers. */
  private Caller waiting(RunningSidecar at, String contract, String path) throws IOException {
    Caller caller = new Caller(at.port, key, contract);
    caller.wire.send(caller.request("GET", path, "", new byte[0]));
    assertThat(take(app.arrived)).isEqualTo(path);
    return caller;
  }

  private static String take(BlockingQueue<String> queue) {
    try {
      return queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoHangsUpWhileTheAppThinksFreesTheAppAndThePlace() throws Exception {
    // Given
    String contract = one().sign();
    Caller first = waiting(gate, contract, "/read/thinking");
    try (Caller second = new Caller(gate.port, key, contract)) {
      assertThat(second.get("/read").code()).isEqualTo("too-many-concurrent");
      // When
      first.close();
      // Then
      assertThat(take(app.abandoned)).isEqualTo("/read/thinking");
      await().atMost(PATIENCE).until(() -> second.get("/read").status() == 200);
      assertThat(gate.metric("writ_calls_in_flight")).isZero();
    }
  }

  @Test
  void aHangUpPassesThroughHelperAndGate() throws Exception {
    // Given
    Path home = Files.createDirectory(directory.resolve("helper"));
    int port = RunningSidecar.freePort();
    String hosts = "ledger.bank:80=127.0.0.1:" + gate.port + ",plain:80=127.0.0.1:" + app.port();
    RunningSidecar helper = RunningSidecar.helper(home, ISSUER, key, one().sign(), port, hosts);
    helper.start();
    try {
      hangUp(port);
    } finally {
      helper.close();
    }
    assertThat(app.arrived).as("nothing was sent again").isEmpty();
  }

  private static void hangUp(int port) throws IOException {
    for (String host : new String[] {"ledger.bank", "plain"}) {
      for (String path : new String[] {"/read/thinking", "/read/events"}) {
        Wire wire = new Wire(port);
        wire.send("GET http://" + host + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        assertThat(take(app.arrived)).isEqualTo(path);
        // When
        wire.close();
        // Then
        assertThat(take(app.abandoned)).as(host).isEqualTo(path);
      }
    }
  }

  @Test
  void aRevokedContractEndsWhatRunsUnderTerminateAndNothingElse() throws Exception {
    // Given
    Issuer.Draft cut = terminating();
    Issuer.Draft drained = ISSUER.contract(key);
    Issuer.Draft other = terminating();
    try (Caller stream = listening(gate, cut.sign());
        Caller unanswered = waiting(gate, cut.sign(), "/read/thinking");
        Caller drain = listening(gate, drained.sign());
        Caller living = listening(gate, other.sign())) {
      // When
      revocations.revoke(cut.cid, drained.cid);
      // Then
      assertThat(List.of(take(app.abandoned), take(app.abandoned)))
          .containsExactlyInAnyOrder("/read/events", "/read/thinking");
      assertThat(stream.wire.closed()).isTrue();
      Wire.Reply reply = unanswered.wire.reply(false);
      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo("revoked");
      assertThat(gate.metric("writ_answers_ended_total{code=\"revoked\"")).isEqualTo(2);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(gate.records())
                      .filteredOn(
                          line ->
                              line.contains("\"kind\":\"end\"")
                                  && line.contains("\"code\":\"revoked\""))
                      .hasSize(2));
      // Two looks later the others still run.
      Thread.sleep(2_500);
      assertThat(gate.metric("writ_calls_in_flight")).isEqualTo(2);
      assertThat(app.abandoned).isEmpty();
      drain.wire.patience(200);
      assertThat(drain.wire.closed()).isFalse();
      living.wire.patience(200);
      assertThat(living.wire.closed()).isFalse();
    }
  }

  @Test
  void anExpiredContractEndsWhatRunsUnderTerminate() throws Exception {
    // Given
    Issuer.Draft cut = terminating();
    cut.exp = Issuer.now() + 4;
    Issuer.Draft drained = ISSUER.contract(key);
    drained.exp = cut.exp;
    try (Caller drain = listening(gate, drained.sign());
        Caller stream = listening(gate, cut.sign())) {
      // When
      boolean closed = stream.wire.closed();
      // Then
      assertThat(closed).isTrue();
      assertThat(Issuer.now()).isGreaterThanOrEqualTo(cut.exp);
      assertThat(take(app.abandoned)).isEqualTo("/read/events");
      assertThat(gate.metric("writ_answers_ended_total{code=\"expired\"")).isEqualTo(1);
      drain.wire.patience(1_500);
      assertThat(drain.wire.closed()).isFalse();
    }
  }

  @Test
  void anAnswerThatStandsStillEndsAndOneThatDoesNotBeginLaterByABoundOfItsOwn() throws Exception {
    // Given
    // Shadow mode: that the contract expires meanwhile ends nothing.
    RunningSidecar impatient = gate("impatient");
    impatient.environment.put("WRIT_IDLE_TIMEOUT", "1");
    impatient.environment.put("WRIT_RESPONSE_TIMEOUT", "6");
    impatient.environment.put("WRIT_GATE", "audit");
    impatient.start();
    Issuer.Draft expiring = terminating();
    expiring.exp = Issuer.now() + 3;
    String contract = expiring.sign();
    try (Caller thinking = waiting(impatient, contract, "/read/thinking");
        Caller stream = listening(impatient, contract)) {
      // When
      boolean closed = stream.wire.closed();
      // Then
      assertThat(closed).isTrue();
      assertThat(take(app.abandoned)).isEqualTo("/read/events");
      // When
      Wire.Reply reply = thinking.wire.reply(false);
      // Then
      assertThat(reply.status()).isEqualTo(502);
      assertThat(reply.code()).isEqualTo("upstream-unavailable");
      assertThat(take(app.abandoned)).isEqualTo("/read/thinking");
    } finally {
      impatient.close();
    }
  }
}
