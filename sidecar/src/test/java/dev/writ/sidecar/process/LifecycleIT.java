package dev.writ.sidecar.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.audit.ChainCheck;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting, stopping, dying, and what survives it. */
final class LifecycleIT {
  private static final int CONFIGURATION = 2;
  private static final int RESOURCE = 3;
  private final Issuer issuer = new Issuer();
  private final PrivateKey key = PrivateKey.generate();
  @TempDir private Path directory;
  private App app;
  private RunningSidecar sidecar;

  @BeforeEach
  void make() throws Exception {
    app = new App();
    sidecar = new RunningSidecar(directory, issuer, app.port());
  }

  @AfterEach
  void stop() throws Exception {
    sidecar.close();
    app.close();
  }

  private Caller caller(String contract) throws IOException {
    return new Caller(sidecar.port, key, contract);
  }

  @Test
  void afterAKillTheCountGoesOnAndOldChallengesAreDead() throws Exception {
    sidecar.start();
    Issuer.Draft five = issuer.contract(key);
    five.calls = 5L;
    String contract = five.sign();
    String old;
    try (Caller caller = caller(contract)) {
      assertThat(caller.transfer("1").field("capability-remaining")).contains("4");
      assertThat(caller.transfer("1").field("capability-remaining")).contains("3");
      old = caller.challenge;
    }
    sidecar.kill();
    // As if the process had died in the middle of its last line.
    Path journal = lastSegment();
    Files.writeString(journal, "{\"v\":1,\"kind\":\"call\",\"torn", StandardOpenOption.APPEND);
    sidecar.start();

    try (Caller caller = caller(contract)) {
      String fresh = caller.challenge;
      caller.challenge = old;
      caller.seq = 10;
      Wire.Reply refused = caller.transfer("1");
      assertThat(refused.code()).isEqualTo("use-nonce");
      assertThat(refused.field("capability-nonce")).isPresent();
      caller.challenge = fresh;
      try (Caller again = caller(contract)) {
        assertThat(again.transfer("1").field("capability-remaining")).contains("2");
      }
    }
    assertThat(sidecar.terminate()).isZero();
    assertThat(app.seen).hasSize(3);
    checkChains(2);
  }

  private Path lastSegment() throws IOException {
    try (var files = Files.walk(sidecar.state().resolve("journal"))) {
      return files.filter(path -> path.toString().endsWith(".jsonl")).sorted().toList().getLast();
    }
  }

  /**
   * Every record chains to the one before, the last boot stopped in order, and it names the boot
   * before it.
   */
  private void checkChains(int boots) throws Exception {
    List<ChainCheck> checks = new ArrayList<>();
    for (String line : sidecar.records()) {
      if (line.contains("\"kind\":\"start\"")) {
        checks.add(new ChainCheck(line.replaceAll(".*\"boot\":\"([0-9a-f]{16})\".*", "$1")));
      }
      checks.getLast().accept(line);
    }
    assertThat(checks).hasSize(boots);
    assertThat(checks.getLast().stopped()).isTrue();
    if (boots > 1) {
      assertThat(String.join("\n", sidecar.records()))
          .contains("\"previousBoot\":\"" + checks.get(boots - 2).boot() + "\"");
    }
  }

  @Test
  void anAppThatIsGoneIsSaidToBeAndTheCallStaysSpent() throws Exception {
    sidecar.start();
    Issuer.Draft two = issuer.contract(key);
    two.calls = 2L;
    app.close();
    try (Caller caller = caller(two.sign())) {
      Wire.Reply reply = caller.transfer("1");

      assertThat(reply.status()).isEqualTo(502);
      assertThat(reply.code()).isEqualTo("upstream-unavailable");
      assertThat(caller.transfer("1").code()).isEqualTo("upstream-unavailable");
      assertThat(caller.transfer("1").code()).isEqualTo("quota-exhausted");
    }
  }

  @Test
  void aRevokedCapabilityIsDeadWithinTwoSecondsAndStaysSo() throws Exception {
    Path list = directory.resolve("revocations.jws");
    Files.writeString(list, issuer.revocations(1, Set.of()));
    sidecar.environment.put("WRIT_REVOCATIONS_FILE", list.toString());
    sidecar.start();
    Issuer.Draft draft = issuer.contract(key);
    try (Caller caller = caller(draft.sign())) {
      assertThat(caller.transfer("1").status()).isEqualTo(200);
      Files.writeString(list, issuer.revocations(2, Set.of(draft.cid)));
      await().until(() -> caller.transfer("1").code().equals("revoked"));
    }
    Files.writeString(list, issuer.revocations(1, Set.of()));
    await().until(() -> sidecar.metric("writ_files_refused_total") == 1);
    try (Caller caller = caller(draft.sign())) {
      assertThat(caller.transfer("1").code()).isEqualTo("revoked");
    }
    sidecar.kill();
    assertThat(failure()).isEqualTo(RESOURCE);
    assertThat(sidecar.log()).contains("older than a list that was in force before");
  }

  @Test
  void aStopLetsTheCallInFlightEndAndRecordsIt() throws Exception {
    sidecar.start();
    try (Caller caller = caller(issuer.contract(key).sign())) {
      caller.wire.send(caller.request("GET", "/read/events", "", new byte[0]));
      assertThat(caller.wire.head().status()).isEqualTo(200);
      caller.wire.chunk();
      Thread stop = Thread.startVirtualThread(this::terminate);
      Thread.sleep(500);
      app.goOn.countDown();

      assertThat(new String(caller.wire.chunk(), ISO_8859_1)).isEqualTo("data: two\n\n");
      assertThat(caller.wire.chunk()).isEmpty();
      stop.join();
      assertThat(sidecar.exit()).isZero();
    }
    assertThat(sidecar.records())
        .element(2)
        .asString()
        .contains("\"kind\":\"end\"")
        .contains("\"upstreamStatus\":200");
    checkChains(1);
  }

  @Test
  void aGateThatLeavesServesOnAndAsksCallersToMoveOn() throws Exception {
    // Given
    sidecar.start();
    String contract = issuer.contract(key).sign();
    try (Caller caller = caller(contract);
        Caller idle = caller(contract)) {
      assertThat(idle.transfer("1").field("connection")).isEmpty();
      assertThat(caller.transfer("1").field("connection")).isEmpty();
      // When
      Files.createFile(sidecar.state().resolve("leaving"));
      // Then
      await().until(() -> sidecar.log().contains("The pod is leaving"));
      Wire.Reply reply = caller.transfer("1");
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.field("connection")).contains("close");
      // And who does not call, and so is not asked, would find the app gone: that connection ends
      assertThat(idle.wire.closed()).isTrue();
    }
    // And who is led here all the same gets through: the challenge does not end the connection.
    try (Caller late = caller(contract)) {
      Wire.Reply reply = late.transfer("501");
      assertThat(reply.code()).isEqualTo("argument-not-allowed");
      assertThat(reply.field("connection")).contains("close");
    }
    assertThat(sidecar.admin("/readyz").statusCode()).isEqualTo(200);
    // And the next boot is told anew.
    sidecar.kill();
    sidecar.start();
    try (Caller caller = caller(contract)) {
      assertThat(caller.transfer("1").field("connection")).isEmpty();
    }
  }

  private void terminate() {
    try {
      sidecar.terminate();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void inShadowModeARefusalIsRecordedAndTheCallGoesOn() throws Exception {
    sidecar.environment.put("WRIT_GATE", "audit");
    sidecar.start();
    try (Wire wire = new Wire(sidecar.port)) {
      wire.send(
          String.join(
              "\r\n",
              "POST /anything HTTP/1.1",
              "Host: ledger.bank",
              "Content-Length: 5",
              "Capability-Subject: forged",
              "",
              "hello"));
      Wire.Reply reply = wire.reply(false);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.field("capability-receipt")).isPresent();
      assertThat(app.seen.getFirst().text()).isEqualTo("hello");
      assertThat(app.seen.getFirst().headers().containsKey("Capability-subject")).isFalse();

      wire.send("GET /a/../b HTTP/1.1\r\nHost: ledger.bank\r\n\r\n");
      assertThat(wire.reply(false).code()).isEqualTo("malformed");
      wire.send("CONNECT /b HTTP/1.1\r\nHost: ledger.bank\r\n\r\n");
      assertThat(wire.reply(false).status()).isEqualTo(403);
    }
    try (Caller caller = caller(issuer.contract(key).sign())) {
      assertThat(caller.transfer("501").status()).isEqualTo(200);
      byte[] large = new byte[3 << 20];
      caller.wire.send(caller.request("PUT", "/upload", "", large));
      assertThat(caller.wire.reply(false).status()).isEqualTo(200);
      assertThat(app.seen.getLast().text()).hasSize(3 << 20);
    }
    assertThat(sidecar.records())
        .anyMatch(
            line ->
                line.contains("\"code\":\"missing-contract\"")
                    && line.contains("\"mode\":\"audit\""))
        .anyMatch(line -> line.contains("\"code\":\"argument-not-allowed\""))
        .anyMatch(line -> line.contains("\"code\":\"body-too-large\""));
    assertThat(app.seen).hasSize(3);
  }

  @Test
  void aFullDiskDeniesAndSaysSoAndTheAppSeesNothing() throws Exception {
    // Files may grow to 5 MiB: the counters fit, the journal does not get far.
    sidecar.launch(LifecycleIT::bounded);
    sidecar.awaitReady();
    fillJournal("/" + "x".repeat(1_000));
    // A shorter record may still have fitted.
    fillJournal("/");
    try (Caller caller = caller(issuer.contract(key).sign())) {
      assertThat(caller.transfer("1").code()).isEqualTo("audit-unavailable");
    }
    assertThat(app.seen).isEmpty();
    assertThat(sidecar.admin("/readyz").statusCode()).isEqualTo(503);
    assertThat(sidecar.log())
        .contains("Couldn't journal a record, denying calls until it works again");
    assertThat(sidecar.log().lines().filter(line -> line.contains("Couldn't journal")))
        .hasSizeLessThan(4);
  }

  private String firstCode(String contract) throws IOException {
    try (Caller caller = caller(contract)) {
      return caller.transfer("1").code();
    }
  }

  private void fillJournal(String target) throws IOException {
    try (Wire wire = new Wire(sidecar.port)) {
      Wire.Reply reply;
      do {
        wire.send("GET " + target + " HTTP/1.1\r\nHost: ledger.bank\r\n\r\n");
        reply = wire.reply(false);
      } while (reply.status() == 401);
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.code()).isEqualTo("audit-unavailable");
    }
  }

  private static List<String> bounded(List<String> command) {
    List<String> wrapped =
        new ArrayList<>(List.of("bash", "-c", "ulimit -f 5120; exec \"$@\"", "bash"));
    wrapped.addAll(command);
    return wrapped;
  }

  private int failure() throws Exception {
    sidecar.launch(UnaryOperator.identity());
    return sidecar.exit();
  }

  @Test
  void anUnknownVariableStopsTheStartAndIsNamed() throws Exception {
    sidecar.environment.put("WRIT_UPSTREAMS", "127.0.0.1:1");
    assertThat(failure()).isEqualTo(CONFIGURATION);
    assertThat(sidecar.log()).contains("WRIT_UPSTREAMS").doesNotContain("Exception");
  }

  @Test
  void aPortInUseStopsTheStartAndIsNamed() throws Exception {
    try (ServerSocket _ = new ServerSocket(sidecar.port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(failure()).isEqualTo(RESOURCE);
    }
    assertThat(sidecar.log())
        .contains("couldn't listen on 127.0.0.1:" + sidecar.port)
        .doesNotContain("Exception");
  }

  @Test
  void aStateDirectoryHasOneProcess() throws Exception {
    sidecar.start();
    RunningSidecar second = new RunningSidecar(directory, issuer, app.port());
    second.launch(UnaryOperator.identity());
    assertThat(second.exit()).isEqualTo(RESOURCE);
    assertThat(second.log()).contains("another process holds it").doesNotContain("Exception");
  }

  @Test
  void aBadFileStopsTheStartAndIsNamed() throws Exception {
    Files.writeString(directory.resolve("trust.json"), "{}");
    assertThat(failure()).isEqualTo(RESOURCE);
    assertThat(sidecar.log()).contains("trust.json");

    sidecar.environment.put("WRIT_TRUST_FILE", directory.resolve("absent.json").toString());
    assertThat(failure()).isEqualTo(RESOURCE);
    assertThat(sidecar.log()).contains("absent.json: it does not exist");

    Files.writeString(directory.resolve("good.json"), issuer.jwks());
    Files.writeString(directory.resolve("key.jwk"), key.toJwk().replace("OKP", "RSA"));
    sidecar.environment.put("WRIT_TRUST_FILE", directory.resolve("good.json").toString());
    sidecar.environment.put("WRIT_KEY_FILE", directory.resolve("key.jwk").toString());
    assertThat(failure()).isEqualTo(RESOURCE);
    String secret = key.toJwk().replaceAll(".*\"d\":\"([^\"]+)\".*", "$1");
    assertThat(sidecar.log())
        .contains("key.jwk")
        .doesNotContain(secret)
        .doesNotContain("Exception");
  }

  @Test
  void aPrivateKeyThatEverybodyMayReadIsWarnedOf() throws Exception {
    Path file = Files.writeString(directory.resolve("key.jwk"), key.toJwk());
    sidecar.environment.put("WRIT_KEY_FILE", file.toString());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    sidecar.start();
    assertThat(sidecar.log()).doesNotContain("chmod");
    sidecar.kill();

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    sidecar.start();
    assertThat(sidecar.log()).contains("chmod 600").contains(file.toString());
  }

  @Test
  void countsThatAreGoneStopTheStart() throws Exception {
    sidecar.start();
    sidecar.kill();
    Files.delete(sidecar.state().resolve("counters"));
    assertThat(failure()).isEqualTo(RESOURCE);
    assertThat(sidecar.log()).contains("counts would start again from zero");
  }

  @Test
  void aNewTrustFileTakesEffectAndABadOneDoesNot() throws Exception {
    sidecar.start();
    Issuer other = new Issuer();
    Files.writeString(directory.resolve("trust.json"), "not json");
    await().until(() -> sidecar.metric("writ_files_refused_total") == 1);
    try (Caller caller = caller(issuer.contract(key).sign())) {
      assertThat(caller.transfer("1").status()).isEqualTo(200);
    }
    Files.writeString(directory.resolve("trust.json"), other.jwks());
    await().until(() -> firstCode(issuer.contract(key).sign()).equals("invalid-contract"));
    try (Caller caller = caller(other.contract(key).sign())) {
      assertThat(caller.transfer("1").status()).isEqualTo(200);
    }
  }
}
