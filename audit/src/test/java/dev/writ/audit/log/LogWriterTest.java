package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.Entry;
import dev.writ.audit.log.LogRefusedException.Reason;
import dev.writ.audit.note.Checkpoint;
import dev.writ.audit.note.NoteSigner;
import dev.writ.audit.note.SignedNote;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogWriterTest {
  private final World world = new World();

  @Test
  void recordsGetTheirPlaceAndBatchesSentAgainChangeNothing() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);

    Outcome first = writer.append(List.of(gate.batch(0, 4))).getFirst();
    Outcome again = writer.append(List.of(gate.batch(0, 4))).getFirst();
    Outcome overlap = writer.append(List.of(gate.batch(2, 6))).getFirst();

    assertThat(first)
        .isInstanceOfSatisfying(
            Outcome.Stored.class,
            stored -> {
              assertThat(stored.acked()).isEqualTo(4);
              assertThat(stored.placed().stream().map(Outcome.Placed::index))
                  .containsExactly(0L, 1L, 2L, 3L);
            });
    assertThat(again).isEqualTo(new Outcome.Stored(4, List.of()));
    assertThat(overlap.acked()).isEqualTo(6);
    assertThat(LogFixture.lines(world.storage, 6)).isEqualTo(gate.lines().subList(0, 6));
    assertThat(writer.head().size()).isEqualTo(6);
    world.assertSound("after all");
  }

  @Test
  void batchesThatDoNotFollowAreRefusedAndSayFromWhereToShip() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6).stop();
    LogFixture.Gate twin = new LogFixture.Gate(1);
    twin.add(LogFixture.denied("/one"));
    twin.add(LogFixture.denied("/other"));
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch(0, 3)));

    List<Batch> wrong =
        List.of(
            gate.batch(4, 6),
            new Batch(LogFixture.boot(2), gate.lines().subList(3, 5)),
            new Batch(gate.boot(), List.of("{}")),
            new Batch(gate.boot(), List.of(twin.lines().get(2))),
            new Batch(gate.boot(), List.of(gate.lines().get(3), gate.lines().get(5))),
            new Batch("../../etc/passwd", List.of()));
    List<Outcome> outcomes = writer.append(wrong);

    assertThat(outcomes).hasOnlyElementsOfType(Outcome.Broken.class);
    assertThat(outcomes.stream().map(Outcome::acked)).containsExactly(3L, 0L, 3L, 3L, 4L, 0L);
    assertThat(outcomes.get(4).placed()).as("what came before the break").hasSize(1);
    assertThat(writer.head().size()).isEqualTo(4);
    world.assertSound("after all");
  }

  @Test
  void aBootIsTakenFromItsOwnPodAloneAlsoAfterAStart() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6);
    Batch first = new Batch(gate.boot(), gate.lines().subList(0, 3), "uid-1", next -> null);
    Batch second = new Batch(gate.boot(), gate.lines().subList(3, 6), "uid-1", next -> null);
    Batch stolen = new Batch(gate.boot(), gate.lines().subList(3, 6), "uid-2", next -> null);
    world.log.open(world.storage, world.checkpoints).append(List.of(first));

    List<Outcome> outcomes =
        world.log.open(world.storage, world.checkpoints).append(List.of(stolen, second, stolen));

    assertThat(outcomes.get(0)).isEqualTo(new Outcome.Foreign());
    assertThat(outcomes.get(1).acked()).isEqualTo(6);
    assertThat(outcomes.get(2)).isEqualTo(new Outcome.Foreign());
  }

  @Test
  void whatTheReceiverObjectsToIsNotTaken() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6);
    Batch batch = new Batch(gate.boot(), gate.lines(), null, next -> next.seq() == 3 ? "no" : null);

    Outcome outcome =
        world.log.open(world.storage, world.checkpoints).append(List.of(batch)).getFirst();

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Broken.class,
            broken -> {
              assertThat(broken.acked()).isEqualTo(2);
              assertThat(broken.reason()).endsWith(".3: no");
            });
  }

  @Test
  void nothingFollowsAStopAlsoAfterAStart() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).stop();
    world.log.open(world.storage, world.checkpoints).append(List.of(gate.batch()));
    gate.add(new Entry.Stop(LogFixture.now(), "p"));

    Outcome outcome =
        world.log.open(world.storage, world.checkpoints).append(List.of(gate.batch())).getFirst();

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Broken.class, broken -> assertThat(broken.acked()).isEqualTo(2));
  }

  @Test
  void aStartFromASnapshotKnowsTheBoots() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(40_000);
    LogWriter writer = world.log.open(world.storage, world.checkpoints);
    writer.append(List.of(gate.batch()));
    writer.tidy();
    assertThat(world.storage.list(LogPaths.HEADS))
        .containsExactly(Integer.toString(gate.lines().size()));
    int shipped = gate.lines().size();
    gate.calls(3);
    writer.append(List.of(gate.batch(shipped, shipped + 2)));

    // Read from the beginning this fails: the oldest entries were moved away.
    world.storage.delete("tile/entries/000");
    LogWriter next = world.log.open(world.storage, world.checkpoints);

    assertThat(next.append(List.of(gate.batch(shipped, gate.lines().size()))).getFirst().acked())
        .isEqualTo(gate.lines().size());
    assertThat(next.head().size()).isEqualTo(gate.lines().size());
  }

  @Test
  void aLogUnderAnotherKeyIsNotWritten() throws IOException {
    world
        .log
        .open(world.storage, world.checkpoints)
        .append(List.of(new LogFixture.Gate(1).batch()));
    assertThatThrownBy(() -> new LogFixture().open(world.storage, world.checkpoints))
        .isInstanceOfSatisfying(
            LogRefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
  }

  @Test
  void aKeyIsRotatedWithOverlap() throws IOException, MalformedException {
    NoteSigner next = new NoteSigner(LogFixture.ORIGIN, PrivateKey.generate());
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6);
    world.log.open(world.storage, world.checkpoints).append(List.of(gate.batch(0, 2)));
    LogWriter both =
        LogWriter.open(
            List.of(next, world.log.signer),
            world.storage,
            world.checkpoints,
            () -> "r1",
            LogFixture.ED25519);
    both.append(List.of(gate.batch(2, 4)));
    SignedNote note = SignedNote.parse(world.storage.read(LogPaths.CHECKPOINT));
    assertThat(Checkpoint.verified(note, List.of(world.log.key()), LogFixture.ED25519).size())
        .isEqualTo(4);
    LogWriter alone =
        LogWriter.open(
            List.of(next), world.storage, world.checkpoints, () -> "r2", LogFixture.ED25519);
    assertThat(alone.append(List.of(gate.batch(4, 6))).getFirst().acked()).isEqualTo(6);
  }

  @Test
  void changedEntriesAreNotBuiltOn() throws IOException {
    LogFixture.Gate gate = new LogFixture.Gate(1).calls(6);
    world.log.open(world.storage, world.checkpoints).append(List.of(gate.batch(0, 4)));
    byte[] bundle = world.storage.read("tile/entries/000.p/4");
    bundle[bundle.length - 3] ^= 1;
    world.storage.write("tile/entries/000.p/4", bundle);
    assertThatThrownBy(() -> world.log.open(world.storage, world.checkpoints))
        .isInstanceOfSatisfying(
            LogRefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
  }

  @Test
  void manyGatesAppendAtOnceToADirectory(@TempDir Path folder) throws Exception {
    DirectoryStorage storage = DirectoryStorage.writing(folder);
    LogQueue queue = new LogQueue(world.log.open(storage, world.checkpoints));
    List<Future<Void>> gates = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(12)) {
      for (int i = 0; i < 12; i++) {
        LogFixture.Gate gate = new LogFixture.Gate(i).calls(40).stop();
        gates.add(threads.submit(() -> ship(queue, gate)));
      }
    }
    for (Future<Void> gate : gates) {
      gate.get();
    }
    Report report =
        LogVerifier.verify(
            DirectoryStorage.reading(folder),
            LogVerifier.Options.of(world.log.key()),
            LogFixture.ED25519);
    assertThat(report.findings()).isEmpty();
    assertThat(report.boots()).isEqualTo(12);
    assertThat(report.unstopped()).isEmpty();
    assertThat(storage.list("stage")).isEmpty();
    assertThat(Files.exists(folder.resolve("tile/0/000.p"))).isFalse();
  }

  private static Void ship(LogQueue queue, LogFixture.Gate gate) throws IOException {
    for (int at = 0; at < gate.lines().size(); at += 7) {
      int to = Math.min(at + 7, gate.lines().size());
      assertThat(queue.append(gate.batch(at, to)).acked()).isEqualTo(to);
    }
    return null;
  }

  @Test
  void onlyCheckpointsAndTilesArePublic() {
    assertThat(
            List.of(
                "checkpoint",
                "checkpoint.witnessed",
                "entries-from",
                "tile/0/000",
                "tile/entries/x001/000.p/3"))
        .allMatch(LogPaths::isPublic);
    assertThat(
            List.of(
                "stage/0-a",
                "entries-removed",
                "heads/1",
                "lock",
                "tmp/x",
                "tile/0",
                "tile/../stage/0-a",
                "",
                "/etc/passwd"))
        .noneMatch(LogPaths::isPublic);
  }

  @Test
  void aDirectoryNeverLeavesItsFolder(@TempDir Path folder) throws IOException {
    DirectoryStorage storage = DirectoryStorage.writing(folder);
    for (String path : List.of("../x", "/etc/passwd", "a/../../x", "", ".")) {
      assertThatThrownBy(() -> storage.read(path)).as(path).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> storage.write(path, new byte[0]))
          .as(path)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aWriterThatStartsDoesNotDisturbAnother(@TempDir Path folder) throws Exception {
    DirectoryStorage storage = DirectoryStorage.writing(folder);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> starts =
          threads.submit(
              () -> {
                for (int i = 0; i < 300; i++) {
                  DirectoryStorage.writing(folder);
                }
                return null;
              });
      for (int i = 0; i < 300; i++) {
        storage.write("a/" + i, new byte[] {1});
      }
      starts.get();
    }
    assertThat(storage.list("a")).hasSize(300);
    Path left = Files.write(folder.resolve("tmp/left"), new byte[9]);
    Files.setLastModifiedTime(
        left, FileTime.from(Files.getLastModifiedTime(left).toInstant().minusSeconds(7200)));
    DirectoryStorage.writing(folder);
    assertThat(Files.exists(left)).isFalse();
  }
}
