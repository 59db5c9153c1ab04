package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls whose head was found good and whose body is held back: what ends meanwhile must not be of
 * use to them.
 */
final class SlowBodyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] BODY = "{\"amount\":10}".getBytes(ISO_8859_1);
  private static final Issuer ISSUER = new Issuer();
  @TempDir private static Path directory;
  private static App app;
  private static RunningSidecar gate;
  private static RevocationFile revocations;
  private final PrivateKey key = PrivateKey.generate();

  @BeforeAll
  static void start() throws Exception {
    app = new App();
    gate = new RunningSidecar(Files.createDirectory(directory.resolve("gate")), ISSUER, app.port());
    revocations = new RevocationFile(directory.resolve("revocations.jws"), ISSUER, gate);
    gate.start();
  }

  @AfterAll
  static void stop() throws Exception {
    gate.close();
    app.close();
  }

  /** All but the last byte of a call. */
  private static byte[] begin(Caller caller) throws IOException {
    byte[] request = caller.request("POST", "/v1/transfers", "application/json", BODY);
    caller.wire.send(Arrays.copyOf(request, request.length - 1));
    return Arrays.copyOfRange(request, request.length - 1, request.length);
  }

  @Test
  void aCallWhoseContractIsRevokedBeforeItsBodyIsThereIsRefused() throws Exception {
    // Given
    Issuer.Draft draft = ISSUER.contract(key);
    String contract = draft.sign();
    try (Caller slow = new Caller(gate.port, key, contract);
        Caller probe = new Caller(gate.port, key, contract)) {
      byte[] rest = begin(slow);
      assertThat(probe.transfer("10").status()).isEqualTo(200);
      // When
      revocations.revoke(draft.cid);
      await().atMost(PATIENCE).until(() -> "revoked".equals(probe.transfer("10").code()));
      int seen = app.seen.size();
      slow.wire.send(rest);
      // Then
      Wire.Reply reply = slow.wire.reply(false);
      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo("revoked");
      assertThat(app.seen).hasSize(seen);
    }
  }

  @Test
  void aCallWhoseContractExpiresBeforeItsBodyIsThereIsRefused() throws Exception {
    // Given
    Issuer.Draft draft = ISSUER.contract(key);
    draft.exp = Issuer.now() + 4;
    String contract = draft.sign();
    try (Caller slow = new Caller(gate.port, key, contract);
        Caller probe = new Caller(gate.port, key, contract)) {
      byte[] rest = begin(slow);
      // When
      await().atMost(PATIENCE).until(() -> "expired".equals(probe.transfer("10").code()));
      int seen = app.seen.size();
      slow.wire.send(rest);
      // Then
      assertThat(slow.wire.reply(false).code()).isEqualTo("expired");
      assertThat(app.seen).hasSize(seen);
    }
  }

  @Test
  void aCallWhoseBodyIsSlowAndWhoseContractHoldsIsLetThrough() throws Exception {
    // Given
    try (Caller slow = new Caller(gate.port, key, ISSUER.contract(key).sign())) {
      byte[] rest = begin(slow);
      // When: longer than a moment
      Thread.sleep(1_000);
      slow.wire.send(rest);
      // Then
      assertThat(slow.wire.reply(false).status()).isEqualTo(200);
    }
  }
}
