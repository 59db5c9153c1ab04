package dev.writ.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.log.Batch;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogSource;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.MemoryCheckpoints;
import dev.writ.audit.log.MemoryStorage;
import dev.writ.audit.merkle.EntryBundle;
import dev.writ.audit.merkle.TileName;
import dev.writ.audit.note.SignedNote;
import dev.writ.contract.MalformedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every file of a log flipped, cut, dropped, swapped, signed anew, forked: the verifier names the
 * entries. {@code -Dwrit.tamper.records=100000} for the size of a real one: about two minutes of
 * one core.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TamperTest {
  private static final int RECORDS = Integer.getInteger("writ.tamper.records", 900);
  private static final int AT_ONCE = Math.max(1, RECORDS / 1_000);
  private static final int FLIPS = RECORDS > 10_000 ? 1 : 4;

  private final LogFixture log = new LogFixture();
  private final RandomGenerator random =
      RandomGeneratorFactory.of("L64X128MixRandom").create(20261122);
  private MemoryStorage good;
  private SignedNote older;
  private long olderSize;
  private long size;

  @BeforeAll
  void write() throws IOException, MalformedException {
    good = new MemoryStorage();
    LogWriter writer = log.open(good, new MemoryCheckpoints());
    List<LogFixture.Gate> gates = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      gates.add(new LogFixture.Gate(i).calls(RECORDS / 5).stop());
    }
    int chunk = Math.max(100, RECORDS / 20);
    for (int at = 0; at < gates.getFirst().lines().size(); at += chunk) {
      List<Batch> batches = new ArrayList<>();
      for (LogFixture.Gate gate : gates) {
        batches.add(gate.batch(at, Math.min(at + chunk, gate.lines().size())));
      }
      writer.append(batches);
      if (older == null) {
        older = SignedNote.parse(good.read(LogPaths.CHECKPOINT));
        olderSize = writer.head().size();
      }
    }
    size = writer.head().size();
  }

  private Report verify(LogSource storage) throws IOException {
    return LogVerifier.verify(
        storage,
        new LogVerifier.Options(List.of(log.key()), older, List.of(), 0, 0),
        LogFixture.ED25519);
  }

  @Test
  void theLogAsItIsVerifies() throws IOException {
    long begin = System.nanoTime();
    Report report = verify(good);
    System.out.printf(
        "verified %d records in %.2f s%n", report.entries(), (System.nanoTime() - begin) / 1e9);
    assertThat(report.findings()).isEmpty();
    assertThat(report.isOk()).isTrue();
    assertThat(report.entries()).isEqualTo(size);
    assertThat(report.boots()).isEqualTo(3);
    assertThat(report.unstopped()).isEmpty();
    assertThat(report.unended()).isZero();
  }

  /** The files that the newest checkpoint stands on. */
  private List<TileName> files() {
    List<TileName> files = new ArrayList<>();
    for (int level = TileName.ENTRIES; level < TileName.HEIGHT; level++) {
      long hashes = TileName.hashes(size, level);
      for (long i = 0; i * TileName.FULL < hashes; i++) {
        files.add(TileName.in(size, level, i));
      }
    }
    return files;
  }

  /** What is done to one file. */
  private interface Tampering {
    void with(TileName file, Tampered log) throws IOException, MalformedException;
  }

  /**
   * Does it to every file. A small log is verified after each one, a large one after some that have
   * no entry in common, so that what one hides of another is not asked for.
   */
  private void each(Predicate<TileName> which, Tampering tampering)
      throws IOException, MalformedException {
    Tampered tampered = new Tampered();
    TileName before = null;
    for (TileName file : files().stream().filter(which).toList()) {
      boolean alone = file.level() > 0 || (before != null && before.level() != file.level());
      if (tampered.expected.size() >= AT_ONCE || alone) {
        tampered.assertNamed();
        tampered = new Tampered();
      }
      tampering.with(file, tampered);
      before = file;
    }
    tampered.assertNamed();
  }

  @Test
  void everyFlippedBitIsNamed() throws IOException, MalformedException {
    for (int round = 0; round < FLIPS; round++) {
      each(
          file -> true,
          (file, tampered) -> {
            byte[] bytes = good.read(file.path());
            int at = random.nextInt(bytes.length);
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            long index =
                file.level() == TileName.ENTRIES ? entryAt(file, bytes, at) : hashAt(file, at / 32);
            tampered.put(file, flipped, index, "flipped at " + at);
          });
    }
  }

  @Test
  void everyFileThatIsCutIsNamed() throws IOException, MalformedException {
    each(
        file -> true,
        (file, tampered) -> {
          byte[] bytes = good.read(file.path());
          byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
          tampered.put(file, cut, last(file), "cut to " + cut.length);
        });
    each(file -> true, (file, tampered) -> tampered.put(file, new byte[0], last(file), "emptied"));
  }

  @Test
  void everyFileThatIsMadeLongerIsNamed() throws IOException, MalformedException {
    each(
        file -> true,
        (file, tampered) -> {
          byte[] bytes = good.read(file.path());
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 32);
          tampered.put(file, longer, last(file), "made longer");
        });
  }

  @Test
  void everyFileThatIsGoneIsNamed() throws IOException, MalformedException {
    each(file -> true, (file, tampered) -> tampered.put(file, null, last(file), "dropped"));
  }

  @Test
  void everySwappedFileIsNamed() throws IOException, MalformedException {
    List<TileName> files = files();
    each(
        file -> files.stream().filter(other -> other.level() == file.level()).count() > 1,
        (file, tampered) -> {
          List<TileName> others =
              files.stream()
                  .filter(
                      other ->
                          other.level() == file.level()
                              && !other.equals(file)
                              && !tampered.files.containsKey(other.path()))
                  .toList();
          if (!others.isEmpty() && !tampered.files.containsKey(file.path())) {
            TileName other = others.get(random.nextInt(others.size()));
            tampered.put(file, good.read(other.path()), last(file), "swapped with " + other.path());
            tampered.put(other, good.read(file.path()), last(other), "swapped with " + file.path());
          }
        });
  }

  @Test
  void entriesThatAreDroppedInsideABundleAreNamed() throws IOException, MalformedException {
    each(
        file -> file.level() == TileName.ENTRIES,
        (file, tampered) -> {
          List<byte[]> entries = new ArrayList<>(EntryBundle.decode(good.read(file.path())));
          int at = random.nextInt(entries.size() - 1);
          entries.remove(at);
          tampered.put(file, EntryBundle.encode(entries), file.index() * 256 + at, "one dropped");
        });
  }

  @Test
  void entriesThatAreSwappedInsideABundleAreNamed() throws IOException, MalformedException {
    each(
        file -> file.level() == TileName.ENTRIES,
        (file, tampered) -> {
          List<byte[]> entries = new ArrayList<>(EntryBundle.decode(good.read(file.path())));
          int at = random.nextInt(entries.size() - 1);
          byte[] first = entries.get(at);
          entries.set(at, entries.get(at + 1));
          entries.set(at + 1, first);
          tampered.put(file, EntryBundle.encode(entries), file.index() * 256 + at, "two swapped");
        });
  }

  @Test
  void noFlippedBitOfTheCheckpointVerifies() throws IOException {
    byte[] bytes = good.read(LogPaths.CHECKPOINT);
    for (int at = 0; at < bytes.length; at++) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Tampered tampered = new Tampered();
      tampered.files.put(LogPaths.CHECKPOINT, flipped);
      Report report = verify(tampered);
      assertThat(report.findings())
          .as("byte %d", at)
          .anyMatch(finding -> finding.kind() == Finding.Kind.CHECKPOINT);
    }
  }

  @Test
  void aLogWithoutCheckpointIsUnreadable() {
    MemoryStorage gone = good.copy();
    gone.delete(LogPaths.CHECKPOINT);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> verify(gone))
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aLogWrittenAnewUnderAnotherKeyIsRefused() throws IOException {
    MemoryStorage other = new MemoryStorage();
    new LogFixture()
        .open(other, new MemoryCheckpoints())
        .append(List.of(new LogFixture.Gate(1).calls(9).batch()));
    assertThat(verify(other).findings())
        .extracting(Finding::kind)
        .contains(Finding.Kind.CHECKPOINT);
  }

  @Test
  void aForkUnderTheRightKeyIsRefusedByWhoKeptAnOlderCheckpoint() throws IOException {
    MemoryStorage fork = new MemoryStorage();
    LogWriter writer = log.open(fork, new MemoryCheckpoints());
    for (int i = 0; writer.head().size() < size; i++) {
      writer.append(List.of(new LogFixture.Gate(i).calls(RECORDS / 5).stop().batch()));
    }
    Report report = verify(fork);
    assertThat(report.findings())
        .anyMatch(finding -> finding.kind() == Finding.Kind.REWRITTEN && finding.to() == olderSize);
    assertThat(
            LogVerifier.verify(fork, LogVerifier.Options.of(log.key()), LogFixture.ED25519)
                .findings())
        .as("the fork alone is a good log")
        .isEmpty();
  }

  @Test
  void aLogThatWasCutBackIsRefusedByWhoKeptAnOlderCheckpoint() throws IOException {
    MemoryStorage shorter = new MemoryStorage();
    log.open(shorter, new MemoryCheckpoints()).append(List.of(new LogFixture.Gate(1).batch()));
    assertThat(verify(shorter).findings())
        .anyMatch(finding -> finding.kind() == Finding.Kind.REWRITTEN && finding.to() == olderSize);
  }

  @Test
  void oldBundlesMayBeMovedAwayAndTheRestIsStillChecked() throws IOException {
    MemoryStorage moved = good.copy();
    moved.delete("tile/entries/000");
    LogVerifier.Options options =
        new LogVerifier.Options(List.of(log.key()), older, List.of(), 0, 256);
    assertThat(LogVerifier.verify(moved, options, LogFixture.ED25519).findings()).isEmpty();
    byte[] bundle = moved.read("tile/entries/001");
    bundle[20] ^= 1;
    moved.write("tile/entries/001", bundle);
    assertThat(LogVerifier.verify(moved, options, LogFixture.ED25519).findings()).isNotEmpty();
  }

  /** The good log with some files put in place of its own. */
  private final class Tampered implements LogSource {
    final Map<String, byte[]> files = new HashMap<>();
    final Map<String, Long> expected = new HashMap<>();

    /** Null: the file is gone. */
    void put(TileName file, byte[] bytes, long index, String how) {
      files.put(file.path(), bytes);
      expected.put(file.path() + " " + how, index);
    }

    @Override
    public byte[] read(String path) {
      return files.containsKey(path) ? files.get(path) : good.read(path);
    }

    void assertNamed() throws IOException {
      if (expected.isEmpty()) {
        return;
      }
      Report report = verify(this);
      assertThat(report.isOk()).as("%s", expected).isFalse();
      expected.forEach(
          (how, index) ->
              assertThat(report.findings())
                  .as("%s concerns entry %d", how, index)
                  .anyMatch(finding -> finding.from() <= index && index < finding.to()));
    }
  }

  /** The entry whose bytes, or length, lie there. */
  private static long entryAt(TileName file, byte[] bundle, int at) {
    int start = 0;
    for (long index = file.index() * 256; ; index++) {
      int next = start + 2 + ((bundle[start] & 0xff) << 8 | (bundle[start + 1] & 0xff));
      if (at < next) {
        return index;
      }
      start = next;
    }
  }

  /** The first entry under a hash of a tile. */
  private static long hashAt(TileName file, int hash) {
    return (file.index() * 256 + hash) << (8 * file.level());
  }

  /** An entry that the last hash or place of a file stands for. */
  private static long last(TileName file) {
    return file.level() == TileName.ENTRIES
        ? file.index() * 256 + file.width() - 1
        : hashAt(file, file.width() - 1);
  }

  @Test
  void whatRecordsHoldDoesNotReachTheTerminalAsItIs() {
    String shown =
        new Finding(Finding.Kind.RECORD, 0, 1, "a\u001b[2Jb\u202ec\r\n" + "x".repeat(1000))
            .toString();
    assertThat(shown)
        .doesNotContain("\u001b")
        .doesNotContain("\u202e")
        .doesNotContain("\n")
        .hasSizeLessThan(450);
    assertThat(shown.getBytes(StandardCharsets.UTF_8)).isNotEmpty();
  }
}
