package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What {@link LogStorage} promises, and the writer on it while it crashes and while another one
 * interferes: every storage stands all of this.
 */
public abstract class StorageTest {
  /** An empty storage that nothing else uses. */
  protected abstract LogStorage fresh() throws IOException;

  /** Every how many steps of a run the writer is made to fail: what a run costs decides. */
  protected abstract int stride();

  /** How many schedules of two writers are played. */
  protected abstract int seeds();

  @Test
  void readsWhatWasWrittenLast() throws IOException {
    LogStorage storage = fresh();
    assertThat(storage.read("tile/0/000")).isNull();
    storage.write("tile/0/000", new byte[] {1, 2});
    storage.write("tile/0/000", new byte[] {3});
    storage.write("tile/0/000.p/7", new byte[0]);
    assertThat(storage.read("tile/0/000")).containsExactly(3);
    assertThat(storage.read("tile/0/000.p/7")).isEmpty();
    assertThat(storage.read("tile/0")).isNull();
    assertThat(storage.read("tile/0/001")).isNull();
  }

  @Test
  void listsTheNamesInAFolderAndNothingBelow() throws IOException {
    LogStorage storage = fresh();
    assertThat(storage.list("stage")).isEmpty();
    storage.write("stage/0-a", new byte[1]);
    storage.write("stage/1-b", new byte[1]);
    storage.write("stagecoach", new byte[1]);
    storage.write("tile/entries/000.p/1", new byte[1]);
    assertThat(storage.list("stage")).containsExactlyInAnyOrder("0-a", "1-b");
    assertThat(storage.list("tile")).containsExactly("entries");
  }

  @Test
  void deletesAFileAndAFolderAndNothingBeside() throws IOException {
    LogStorage storage = fresh();
    for (int i = 1; i < 12; i++) {
      storage.write("tile/0/000.p/" + i, new byte[1]);
    }
    storage.write("tile/0/000", new byte[1]);
    storage.write("tile/0/000.px", new byte[1]);
    storage.delete("tile/0/000.p");
    storage.delete("tile/0/000.p");
    storage.delete("stage/not-there");
    assertThat(storage.list("tile/0")).containsExactlyInAnyOrder("000", "000.px");
    storage.delete("tile/0/000");
    assertThat(storage.read("tile/0/000")).isNull();
  }

  @Test
  void replacesOnlyWhatIsExpected() throws IOException {
    LogStorage storage = fresh();
    assertThat(storage.replace("a", new byte[] {1}, new byte[] {2})).isFalse();
    assertThat(storage.read("a")).isNull();
    assertThat(storage.replace("a", null, new byte[] {1})).isTrue();
    assertThat(storage.replace("a", null, new byte[] {2})).isFalse();
    assertThat(storage.replace("a", new byte[] {3}, new byte[] {2})).isFalse();
    assertThat(storage.replace("a", new byte[] {1}, new byte[] {2})).isTrue();
    assertThat(storage.read("a")).containsExactly(2);
  }

  @Test
  void ofManyThatReplaceAtOnceOneDoes() throws Exception {
    LogStorage storage = fresh();
    byte[] before = null;
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      for (byte round = 0; round < 8; round++) {
        byte[] expected = before;
        List<Future<byte[]>> all = new ArrayList<>();
        for (byte i = 0; i < 6; i++) {
          byte[] mine = {round, i};
          all.add(threads.submit(() -> storage.replace("a", expected, mine) ? mine : null));
        }
        List<byte[]> winners = new ArrayList<>();
        for (Future<byte[]> each : all) {
          if (each.get() != null) {
            winners.add(each.get());
          }
        }
        assertThat(winners).as("round %d", round).hasSize(1);
        before = winners.getFirst();
        assertThat(storage.read("a")).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Faults.Kind.class)
  void aWriterThatFailsAtAnyStepLosesNothing(Faults.Kind kind) throws IOException {
    int step = 1 + kind.name().length() % stride();
    while (CrashTest.run(new World(fresh()), kind, step)) {
      step += stride();
    }
    assertThat(step).isGreaterThan(40);
  }

  @Test
  void twoWritersOnItNeitherForkNorLoseNorRepeat() throws IOException {
    for (long seed = 1; seed <= seeds(); seed++) {
      World world = InterleavingTest.play(new World(fresh()), seed, Mutant.NONE);
      world.assertSound("seed " + seed);
      InterleavingTest.finish(world, seed);
    }
  }
}
