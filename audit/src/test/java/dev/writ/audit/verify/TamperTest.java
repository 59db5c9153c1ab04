package dev.writ.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.writ.audit.log.Batch;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.log.LogPaths;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every file of a log flipped, cut, dropped, swapped, signed anew, forked: the verifier names the
 * entries. {@code -Dwrit.tamper.records=100000 -Dwrit.tamper.files=40} for the size of a real one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TamperTest {
  private static final int RECORDS = Integer.getInteger("writ.tamper.records", 900);
  private static final int FILES = Integer.getInteger("writ.tamper.files", Integer.MAX_VALUE);

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

  private Report verify(MemoryStorage storage) throws IOException {
    return LogVerifier.verify(
        storage,
        new LogVerifier.Options(List.of(log.key()), older, List.of(), 0, 0),
        LogFixture.ED25519);
  }

  @Test
  void theLogAsItIsVerifies() throws IOException {
    Report report = assertTimeout(Duration.ofSeconds(10), () -> verify(good));
    assertThat(report.findings()).isEmpty();
    assertThat(report.isOk()).isTrue();
    assertThat(report.entries()).isEqualTo(size);
    assertThat(report.boots()).isEqualTo(3);
    assertThat(report.unstopped()).isEmpty();
    assertThat(report.unended()).isZero();
  }

  /** The files that the newest checkpoint stands on; a sample of them when asked for. */
  private List<TileName> files() {
    List<TileName> files = new ArrayList<>();
    for (int level = TileName.ENTRIES; level < TileName.HEIGHT; level++) {
      long hashes = TileName.hashes(size, level);
      for (long i = 0; i * TileName.FULL < hashes; i++) {
        files.add(TileName.in(size, level, i));
      }
    }
    while (files.size() > FILES) {
      files.remove(random.nextInt(files.size()));
    }
    return files;
  }

  @Test
  void everyFlippedBitIsNamed() throws IOException {
    for (TileName file : files()) {
      byte[] bytes = good.read(file.path());
      for (int round = 0; round < (file.level() > 0 ? 16 : 4); round++) {
        int at = random.nextInt(bytes.length);
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        long index =
            file.level() == TileName.ENTRIES ? entryAt(file, bytes, at) : hashAt(file, at / 32);
        assertNamed(with(file.path(), flipped), index, file.path() + " flipped at " + at);
      }
    }
  }

  @Test
  void everyFileThatIsCutOrGoneIsNamed() throws IOException {
    for (TileName file : files()) {
      byte[] bytes = good.read(file.path());
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      long last = last(file);
      assertNamed(with(file.path(), cut), last, file.path() + " cut to " + cut.length);
      assertNamed(with(file.path(), new byte[0]), last, file.path() + " emptied");
      assertNamed(
          with(file.path(), Arrays.copyOf(bytes, bytes.length + 32)),
          last,
          file.path() + " made longer");
      MemoryStorage gone = good.copy();
      gone.delete(file.path());
      assertNamed(gone, last, file.path() + " dropped");
    }
  }

  @Test
  void everySwappedFileIsNamed() throws IOException {
    List<TileName> files = files();
    for (TileName file : files) {
      List<TileName> others =
          files.stream()
              .filter(other -> other.level() == file.level() && !other.equals(file))
              .toList();
      if (!others.isEmpty()) {
        TileName other = others.get(random.nextInt(others.size()));
        MemoryStorage swapped = with(file.path(), good.read(other.path()));
        swapped.write(other.path(), good.read(file.path()));
        assertNamed(swapped, last(file), file.path() + " swapped with " + other.path());
      }
    }
  }

  @Test
  void entriesThatAreDroppedOrSwappedInsideABundleAreNamed()
      throws IOException, MalformedException {
    for (TileName file :
        files().stream().filter(name -> name.level() == TileName.ENTRIES).toList()) {
      List<byte[]> entries = new ArrayList<>(EntryBundle.decode(good.read(file.path())));
      int at = random.nextInt(entries.size() - 1);
      List<byte[]> dropped = new ArrayList<>(entries);
      dropped.remove(at);
      assertNamed(
          with(file.path(), EntryBundle.encode(dropped)), file.index() * 256 + at, "entry dropped");
      byte[] first = entries.get(at);
      entries.set(at, entries.get(at + 1));
      entries.set(at + 1, first);
      assertNamed(
          with(file.path(), EntryBundle.encode(entries)),
          file.index() * 256 + at,
          "entries swapped");
    }
  }

  @Test
  void noFlippedBitOfTheCheckpointVerifies() throws IOException {
    byte[] bytes = good.read(LogPaths.CHECKPOINT);
    for (int at = 0; at < bytes.length; at++) {
      byte[] flipped = bytes.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Report report = verify(with(LogPaths.CHECKPOINT, flipped));
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

  private MemoryStorage with(String path, byte[] bytes) {
    MemoryStorage changed = good.copy();
    changed.write(path, bytes);
    return changed;
  }

  private void assertNamed(MemoryStorage tampered, long index, String how) throws IOException {
    Report report = verify(tampered);
    assertThat(report.isOk()).as(how).isFalse();
    assertThat(report.findings())
        .as(how + " concerns entry " + index)
        .anyMatch(finding -> finding.from() <= index && index < finding.to());
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
