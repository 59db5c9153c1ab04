package dev.writ.sidecar.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Revocations;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Parts;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Contexts;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ControlClientIT {
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String OWN_BOOT = "00000000000000bb";
  private static final String FORMER_BOOT = "00000000000000aa";
  @TempDir private static Path certificates;

  @TempDir private Path directory;
  private final PrivateKey key = PrivateKey.generate();
  private final MemoryBacklog backlog = new MemoryBacklog();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final SidecarState state =
      new SidecarState(
          new Snapshot(
              0,
              null,
              new Revocations.None(),
              null,
              List.of(),
              List.of(new Listener(Set.of(), Protocol.HTTP))));
  private final Vertx vertx = Vertx.vertx();
  private TestOperator operator;
  private ControlClient client;

  @BeforeAll
  static void keys() throws Exception {
    TestOperator.keystore(certificates, "operator", "dns:localhost");
    TestOperator.keystore(certificates, "next", "dns:localhost");
    TestOperator.keystore(certificates, "stranger", "dns:elsewhere.example");
  }

  @BeforeEach
  void operator() throws Exception {
    Files.writeString(directory.resolve("token"), "token-1\n");
    use("operator");
    operator = TestOperator.start(certificates.resolve("operator.p12"), directory.resolve("token"));
  }

  @AfterEach
  void close() {
    if (client != null) {
      client.stop().await();
    }
    operator.close();
    vertx.close().await();
    assertThat(operator.problems).isEmpty();
  }

  private void use(String name) throws Exception {
    Files.copy(
        certificates.resolve(name + ".pem"),
        directory.resolve("ca.pem"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private Configuration.Cluster cluster() {
    return new Configuration.Cluster(
        operator.uri(),
        directory.resolve("token"),
        directory.resolve("ca.pem"),
        "bank",
        "ledger-0",
        TestOperator.POD_UID);
  }

  private void start() throws Exception {
    Configuration configuration =
        new Configuration(
            cluster(),
            List.of(
                new Configuration.Guard(
                    new Address("127.0.0.1", 8080), new Address("127.0.0.2", 8080), 8080)),
            Configuration.Enforcement.ENFORCE,
            Configuration.Deputy.CALLER_FIRST,
            Configuration.DEFAULT_BODY_LIMIT,
            Configuration.Answers.DEFAULT,
            directory,
            "cluster.local",
            null,
            null,
            Map.of(),
            dev.writ.sidecar.capture.CaptureSettings.NONE);
    client =
        ControlClient.of(
            new Parts(
                vertx,
                configuration,
                new WallTime(),
                state,
                OWN_BOOT,
                key,
                Ed25519.bouncyCastle(),
                backlog,
                new Works(new Contexts(new SecureRandom()), 16, 100_000),
                null,
                meters,
                () -> {}));
    client.start().await();
  }

  private static org.awaitility.core.ConditionFactory within(long seconds) {
    return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(20));
  }

  private void enrolled() {
    within(10).until(() -> state.current().trust() != null && operator.streams() == 1);
  }

  private String contract() {
    long now = Instant.now().getEpochSecond();
    Rule rule =
        new Rule(
            "read",
            new Match.HttpMatch(
                List.of("GET"), List.of(new PathMatch(PathMatch.Type.EXACT, "/v1")), false),
            List.of());
    return new RootContract(
            "spiffe://cluster.local/writ",
            TestOperator.WORKLOAD,
            "spiffe://cluster.local/ns/plan/svc/planner",
            now,
            now - 30,
            now + 900,
            "01955f6e-7c1a-7d50-8a44-6f1f9b6c2d10",
            CID,
            1,
            key.publicKey(),
            0,
            List.of(),
            List.of("read"),
            List.of(rule),
            Limits.NONE,
            true,
            false,
            false)
        .sign(operator.issuer);
  }

  @Test
  @Timeout(20)
  void doesNotWaitForTheRestOfAnAnswerThatNeverComes() throws Exception {
    Operator impatient = new Operator(cluster(), OWN_BOOT, Duration.ofMillis(500));
    operator.stalls = true;

    assertThatThrownBy(() -> impatient.enrol(key))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("no whole answer within 500 ms");
    operator.stalls = false;
    assertThat(impatient.enrol(key)).isNotEmpty();
  }

  @Test
  void enrolsAndConfirmsTheEpoch() throws Exception {
    // Given
    operator.contracts = List.of(contract());

    // When
    start();

    // Then
    within(10).until(() -> operator.applied == 100);
    Snapshot now = state.current();
    assertThat(now.epoch()).isEqualTo(100);
    assertThat(now.contracts()).hasSize(1);
    assertThat(now.identity()).isNotNull();
    assertThat(now.listeners())
        .containsExactly(new Listener(Set.of(TestOperator.SERVICE), Protocol.HTTP));
    assertThat(now.revocations()).isInstanceOf(Revocations.Current.class);
    assertThat(operator.enrolled).containsExactly(key.publicKey());
  }

  @Test
  void aRevocationIsInForceAndConfirmedWithinASecond() throws Exception {
    // Given
    start();
    enrolled();

    // When
    operator.revoked = Set.of(CID);
    operator.revocationSeq = 2;
    operator.epoch = 101;
    operator.sayRevocations();

    // Then
    within(1)
        .until(
            () ->
                state.current().revocations() instanceof Revocations.Current now
                    && now.list().cids().contains(CID));
    within(1).until(() -> operator.applied == 101);
    assertThat(operator.enrolled).hasSize(1);
  }

  @Test
  void aRefreshEnrolsAgainWithTheSameKey() throws Exception {
    // Given
    start();
    enrolled();

    // When
    operator.contracts = List.of(contract());
    operator.epoch = 105;
    operator.sayRefresh();

    // Then
    within(2).until(() -> state.current().contracts().size() == 1 && operator.applied == 105);
    assertThat(operator.enrolled).containsExactly(key.publicKey(), key.publicKey());
  }

  @Test
  void renewsWhenTold() throws Exception {
    operator.renewAfterSeconds = 1;

    start();

    within(10).until(() -> operator.enrolled.size() >= 3);
  }

  @Test
  void aBrokenStreamIsOpenedAgainAndWhatWasMissedIsFetched() throws Exception {
    // Given
    start();
    enrolled();

    // When
    operator.contracts = List.of(contract());
    operator.epoch = 110;
    operator.dropStreams();

    // Then
    within(5)
        .until(
            () ->
                operator.streams() == 1
                    && state.current().epoch() == 110
                    && state.current().contracts().size() == 1);
  }

  @Test
  void everythingGoesOnWhileTheOperatorIsAway() throws Exception {
    // Given
    start();
    enrolled();
    Snapshot before = state.current();

    // When
    operator.close();
    backlog.append(OWN_BOOT, 50);
    Thread.sleep(1_500);

    // Then
    assertThat(state.current().trust()).isSameAs(before.trust());
    assertThat(backlog.acknowledged(OWN_BOOT)).isZero();
    operator.open(certificates.resolve("operator.p12"));
    within(15).until(() -> backlog.acknowledged(OWN_BOOT) == 50 && operator.streams() == 1);
    assertThat(operator.records.get(OWN_BOOT)).hasSize(50);
  }

  @Test
  void recordsAreShippedInBatchesPredecessorsToo() throws Exception {
    // Given
    backlog.append(FORMER_BOOT, 5_000);
    start();
    enrolled();

    // When
    backlog.append(OWN_BOOT, 1);

    // Then
    within(2).until(() -> backlog.acknowledged(OWN_BOOT) == 1);
    within(10).until(() -> backlog.acknowledged(FORMER_BOOT) == 5_000);
    assertThat(operator.records.get(FORMER_BOOT)).hasSize(5_000).doesNotHaveDuplicates();
  }

  @Test
  void aGapIsFilledFromWhereTheOperatorStands() throws Exception {
    // Given records that were acknowledged, but that the operator has lost
    backlog.append(OWN_BOOT, 10);
    backlog.acknowledge(OWN_BOOT, 8);

    // When
    start();

    // Then
    within(10).until(() -> backlog.acknowledged(OWN_BOOT) == 10);
    assertThat(operator.records.get(OWN_BOOT)).hasSize(10);
    assertThat(meters.get("writ_records_gaps").counter().count()).isEqualTo(1);
  }

  @Test
  void aBadAnswerKeepsTheFormerOne() throws Exception {
    // Given
    start();
    enrolled();

    // When
    operator.identityServices = "spiffe://cluster.local/ns/bank/svc/vault";
    operator.epoch = 120;
    operator.sayRefresh();

    // Then
    within(5).until(() -> meters.get("writ_control_refused").counter().count() >= 1);
    assertThat(state.current().epoch()).isEqualTo(100);
    assertThat(state.current().listeners().getFirst().services())
        .containsExactly(TestOperator.SERVICE);
    assertThat(operator.applied).isLessThan(120);
    operator.identityServices = TestOperator.SERVICE;
    within(15).until(() -> operator.applied == 120);
  }

  @Test
  void anOlderRevocationListIsNotTaken() throws Exception {
    // Given
    operator.revocationSeq = 5;
    operator.revoked = Set.of(CID);
    start();
    enrolled();

    // When
    operator.revocationSeq = 4;
    operator.revoked = Set.of();
    operator.sayRevocations();

    // Then
    Thread.sleep(300);
    assertThat(((Revocations.Current) state.current().revocations()).list().cids())
        .containsExactly(CID);
  }

  @Test
  void theTokenIsReadAgainAndTheCaRotates() throws Exception {
    // Given
    start();
    enrolled();

    // When both change while the stream is down
    operator.close();
    Files.writeString(directory.resolve("token"), "token-2");
    use("next");
    operator.epoch = 130;
    operator.open(certificates.resolve("next.p12"));

    // Then
    within(20).until(() -> state.current().epoch() == 130);
  }

  @Test
  void anOperatorUnderAnotherNameOrCaIsNotTalkedTo() throws Exception {
    // Given one whose certificate we trust, for another name
    operator.close();
    operator.open(certificates.resolve("stranger.p12"));
    use("stranger");

    // When
    start();

    // Then
    Thread.sleep(1_500);
    assertThat(operator.enrolled).isEmpty();
    operator.close();
    operator.open(certificates.resolve("operator.p12"));
    Thread.sleep(1_500);
    assertThat(operator.enrolled).as("signed by another CA").isEmpty();
    use("operator");
    within(15).until(() -> !operator.enrolled.isEmpty());
  }

  /** The clocks of this machine. */
  private static final class WallTime implements Time {
    @Override
    public Moment moment() {
      return new Moment(Instant.now().getEpochSecond(), System.nanoTime() / 1_000_000);
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }
  }
}
