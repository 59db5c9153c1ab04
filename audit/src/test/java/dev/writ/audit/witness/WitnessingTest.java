package dev.writ.audit.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.log.LogFixture;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.MemoryCheckpoints;
import dev.writ.audit.log.MemoryStorage;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.Finding;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WitnessingTest {
  private final LogFixture log = new LogFixture();
  private final MemoryStorage storage = new MemoryStorage();
  private final MemoryCheckpoints checkpoints = new MemoryCheckpoints();
  private final LogFixture.Gate gate = new LogFixture.Gate(1).calls(300);
  private final HttpClient http = HttpClient.newHttpClient();
  private TestWitness one;
  private TestWitness two;
  private LogWriter writer;

  @BeforeEach
  void start() throws IOException {
    one = new TestWitness("witness.example/one", log.key());
    two = new TestWitness("witness.example/two", log.key());
    writer = log.open(storage, checkpoints);
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    http.close();
  }

  private Witnessing witnessing(int quorum) {
    List<Witness> clients = List.of(client(one), client(two));
    return new Witnessing(storage, () -> List.of(log.key()), LogFixture.ED25519, clients, quorum);
  }

  private Witness client(TestWitness witness) {
    return new WitnessClient(
        witness.prefix(), witness.key(), http, Duration.ofSeconds(5), LogFixture.ED25519);
  }

  private Report verify(MemoryStorage source, int quorum) throws IOException {
    List<VerifierKey> witnesses = List.of(one.key(), two.key());
    LogVerifier.Options options =
        new LogVerifier.Options(List.of(log.key()), null, witnesses, quorum, 0);
    return LogVerifier.verify(source, options, LogFixture.ED25519);
  }

  @Test
  void checkpointsAreCosignedAsTheLogGrows() throws IOException {
    Witnessing witnessing = witnessing(2);
    for (int to : List.of(1, 2, 7, 255, 256, 257, 500)) {
      writer.append(List.of(gate.batch(0, to)));
      Witnessing.Round round = witnessing.run();
      assertThat(round.failures()).isEmpty();
      assertThat(round.witnessed()).isTrue();
      assertThat(verify(storage, 2).isOk()).isTrue();
      assertThat(verify(storage, 2).witnessed()).isEqualTo(to);
    }
    assertThat(witnessing.run().cosigned()).as("nothing is asked twice").isEqualTo(2);
    assertThat(one.size()).isEqualTo(500);
  }

  @Test
  void whoStartsAnewLearnsFromTheWitnessWhatItSaw() throws IOException {
    writer.append(List.of(gate.batch(0, 5)));
    witnessing(2).run();
    writer.append(List.of(gate.batch(5, 300)));
    assertThat(witnessing(2).run().witnessed()).isTrue();
  }

  @Test
  void withoutQuorumTheLogIsPublicAndUnwitnessed() throws IOException {
    Witnessing witnessing = witnessing(2);
    writer.append(List.of(gate.batch(0, 5)));
    witnessing.run();
    two.breakDown(true);
    writer.append(List.of(gate.batch(5, 9)));

    Witnessing.Round round = witnessing.run();

    assertThat(round.witnessed()).isFalse();
    assertThat(round.cosigned()).isEqualTo(1);
    assertThat(round.failures()).containsOnlyKeys("witness.example/two");
    assertThat(verify(storage, 2).isOk()).isTrue();
    assertThat(verify(storage, 2).witnessed()).as("the first five stay witnessed").isEqualTo(5);
    two.breakDown(false);
    assertThat(witnessing.run().witnessed()).isTrue();
    assertThat(verify(storage, 2).witnessed()).isEqualTo(9);
  }

  @Test
  void aLogThatNobodyWitnessedIsNotTakenForWitnessed() throws IOException {
    writer.append(List.of(gate.batch(0, 5)));
    assertThat(verify(storage, 1).findings())
        .extracting(Finding::kind)
        .containsExactly(Finding.Kind.UNWITNESSED);
    assertThat(verify(storage, 0).isOk()).isTrue();
  }

  @Test
  void cosignaturesThatDoNotVerifyAreNotPublished() throws IOException {
    one.signBadly();
    writer.append(List.of(gate.batch(0, 5)));
    Witnessing.Round round = witnessing(1).run();
    assertThat(round.cosigned()).isEqualTo(1);
    assertThat(round.failures()).containsOnlyKeys("witness.example/one");
    assertThat(verify(storage, 1).isOk()).isTrue();
  }

  @Test
  void aForkAfterWitnessingIsRefusedByTheWitnessAndSeenByTheAuditor() throws IOException {
    writer.append(List.of(gate.batch(0, 5)));
    witnessing(2).run();
    MemoryStorage fork = new MemoryStorage();
    LogWriter other = log.open(fork, new MemoryCheckpoints());
    other.append(List.of(new LogFixture.Gate(2).calls(9).batch()));

    Witnessing.Round round =
        new Witnessing(fork, () -> List.of(log.key()), LogFixture.ED25519, List.of(client(one)), 1)
            .run();
    fork.write(LogPaths.WITNESSED, storage.read(LogPaths.WITNESSED));

    assertThat(round.witnessed()).isFalse();
    assertThat(round.failures()).containsEntry("witness.example/one", "status 422");
    assertThat(verify(fork, 2).findings())
        .extracting(Finding::kind)
        .contains(Finding.Kind.REWRITTEN);
  }

  @Test
  void aLogThatLostEntriesIsToldByTheWitness() throws IOException {
    writer.append(List.of(gate.batch(0, 9)));
    witnessing(2).run();
    MemoryStorage restored = new MemoryStorage();
    log.open(restored, new MemoryCheckpoints()).append(List.of(gate.batch(0, 5)));
    Witnessing.Round round =
        new Witnessing(
                restored, () -> List.of(log.key()), LogFixture.ED25519, List.of(client(one)), 1)
            .run();
    assertThat(round.ahead()).containsExactly("witness.example/one");
  }

  @Test
  void anEmptyLogAndAnImpossibleQuorum() throws IOException {
    assertThat(witnessing(1).run().size()).isZero();
    assertThatThrownBy(() -> witnessing(3)).isInstanceOf(IllegalArgumentException.class);
    List<Witness> twice = List.of(client(one), client(one));
    assertThatThrownBy(
            () -> new Witnessing(storage, () -> List.of(log.key()), LogFixture.ED25519, twice, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
