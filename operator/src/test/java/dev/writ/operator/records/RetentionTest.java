package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.Signing;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.Faults;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.MemoryStorage;
import dev.writ.audit.merkle.EntryBundle;
import dev.writ.audit.merkle.TileName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which bundles leave, and that none is lost or left over, whatever fails and whoever is slow. */
class RetentionTest {
  private static final int BUNDLES = 6;
  private static final long SIZE = BUNDLES * TileName.FULL;
  private static final Duration KEEP = Duration.ofDays(30);

  /** When the record of the operator that begins a bundle is just old enough. */
  private static Instant old(long bundle) {
    return Instant.EPOCH.plus(Duration.ofDays(bundle)).plus(KEEP);
  }

  private final MemoryStorage given = new MemoryStorage();
  private final MemoryStorage log = new MemoryStorage();
  private final MemoryStorage archive = new MemoryStorage();

  /** A record of the operator at the beginning of each of those bundles, its number its day. */
  private void given(Long... operators) {
    RecordChain chain = new RecordChain("00000000000000aa");
    for (long bundle = 0; bundle < BUNDLES; bundle++) {
      List<byte[]> entries = new ArrayList<>();
      Instant day = Instant.EPOCH.plus(Duration.ofDays(bundle));
      for (int i = 0; i < TileName.FULL; i++) {
        Entry entry =
            i == 0 && List.of(operators).contains(bundle)
                ? new OperatorEntry.Rotate(day, "writ/operator", Signing.LOG, "k", List.of("k"))
                : new Entry.End(Instant.EPOCH, "bank/ledger-0", 1, 200, 5);
        RecordChain.Sealed sealed = chain.seal(entry);
        chain.stored(sealed);
        entries.add(sealed.line().getBytes(StandardCharsets.UTF_8));
      }
      given.write(path(bundle), EntryBundle.encode(entries));
    }
    begin();
  }

  /** As it was given, before the first run. */
  private void begin() {
    for (long bundle = 0; bundle < BUNDLES; bundle++) {
      log.write(path(bundle), given.read(path(bundle)));
      archive.delete(path(bundle));
    }
    log.delete(LogPaths.ENTRIES_FROM);
    log.delete(LogPaths.ENTRIES_REMOVED);
  }

  private static String path(long bundle) {
    return new TileName(TileName.ENTRIES, bundle, TileName.FULL).path();
  }

  private Retention retention(int bundlesRun) {
    return retention(log, archive, bundlesRun);
  }

  private static Retention retention(LogStorage log, LogStorage archive, int bundlesRun) {
    return new Retention(log, Optional.of(archive), KEEP, bundlesRun);
  }

  private static List<Long> bundles(MemoryStorage storage) {
    return LongStream.range(0, BUNDLES)
        .filter(bundle -> storage.read(path(bundle)) != null)
        .boxed()
        .toList();
  }

  private void assertGone(long bundles) throws IOException {
    assertThat(LogPaths.entriesFrom(log)).isEqualTo(bundles * TileName.FULL);
    assertThat(bundles(log)).isEqualTo(LongStream.range(bundles, BUNDLES).boxed().toList());
    assertThat(bundles(archive))
        .startsWith(LongStream.range(0, bundles).boxed().toArray(Long[]::new));
  }

  /** Whatever is told is there, and nothing is nowhere. */
  private void look() {
    try {
      long from = LogPaths.entriesFrom(log) / TileName.FULL;
      for (long bundle = 0; bundle < BUNDLES; bundle++) {
        boolean here = log.read(path(bundle)) != null;
        assertThat(here || bundle < from).as("bundle %d of those from %d", bundle, from).isTrue();
        assertThat(here || archive.read(path(bundle)) != null).as("bundle %d", bundle).isTrue();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLongStretchWithoutARecordOfTheOperatorIsPassed() throws IOException {
    // Given
    given(4L);
    Retention retention = retention(2);
    // When
    long first = retention.run(SIZE, SIZE, old(4));
    // Then
    assertThat(first).as("no more than the bound").isEqualTo(2 * TileName.FULL);
    assertGone(2);
    assertThat(retention.run(SIZE, SIZE, old(4))).isEqualTo(4 * TileName.FULL);
    assertThat(retention.run(SIZE, SIZE, old(4))).isEqualTo(4 * TileName.FULL);
    assertGone(4);
  }

  @Test
  void whatIsYoungOrNotSettledStaysUntilItIsOldAndSettled() throws IOException {
    // Given
    given(1L, 2L, 3L);
    Retention retention = retention(10);
    // When
    retention.run(SIZE, SIZE, old(1).minusMillis(1));
    assertGone(0);
    retention.run(SIZE, SIZE, old(2));
    assertGone(2);
    retention.run(SIZE, 3 * TileName.FULL - 1, old(5));
    assertGone(2);
    retention.run(SIZE, SIZE, old(5));
    // Then
    assertGone(3);
  }

  @ParameterizedTest
  @EnumSource(Faults.Kind.class)
  void aRunThatFailsAtAnyStepIsBroughtToItsEnd(Faults.Kind kind) throws IOException {
    // Given
    given(0L, 1L, 2L, 3L, 4L);
    int step = 0;
    boolean struck = true;
    while (struck) {
      step++;
      begin();
      Faults faults = new Faults(kind, step, () -> {}, this::look);
      Retention failing = retention(faults.storage(log), faults.storage(archive), 2);
      try {
        failing.run(SIZE, SIZE, old(4));
        failing.run(SIZE, SIZE, old(4));
      } catch (IOException e) {
        assertThat(faults.struck()).isTrue();
      }
      struck = faults.struck();
      // When
      Retention next = struck && !faults.dead() ? failing : retention(2);
      for (int run = 0; run < 3; run++) {
        next.run(SIZE, SIZE, old(4));
      }
      // Then
      look();
      assertGone(4);
    }
    assertThat(step).isGreaterThan(30);
  }

  @Test
  void aLeaderThatIsSlowUndoesNothingOfTheNext() throws IOException {
    // Given
    given(0L, 1L, 2L, 3L, 4L);
    int step = 0;
    boolean played = true;
    while (played) {
      step++;
      begin();
      Retention next = retention(3);
      int at = step;
      int[] steps = {0};
      long[] told = {0};
      Runnable other =
          () -> {
            if (++steps[0] == at) {
              run(next, old(4));
            }
          };
      Runnable after =
          () -> {
            look();
            long from = told();
            assertThat(from).isGreaterThanOrEqualTo(told[0]);
            told[0] = from;
          };
      Faults never = new Faults(Faults.Kind.STORED, Integer.MAX_VALUE, other, after);
      Retention slow = retention(never.storage(log), never.storage(archive), 2);
      // When
      try {
        slow.run(SIZE, SIZE, old(3));
      } catch (IOException e) {
        assertThat(e).as("read while it went").hasMessageContaining("is missing");
      }
      // Then
      look();
      run(next, old(4));
      run(next, old(4));
      assertGone(4);
      played = steps[0] >= at;
    }
    assertThat(step).isGreaterThan(15);
  }

  private void run(Retention retention, Instant now) {
    try {
      retention.run(SIZE, SIZE, now);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private long told() {
    try {
      return LogPaths.entriesFrom(log);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void bundlesThatWerePutBackLeaveAgain() throws IOException {
    // Given
    given(3L);
    retention(10).run(SIZE, SIZE, old(3));
    assertGone(3);
    for (long bundle = 0; bundle < 3; bundle++) {
      log.write(path(bundle), archive.read(path(bundle)));
    }
    log.delete(LogPaths.ENTRIES_FROM);
    // When
    retention(10).run(SIZE, SIZE, old(3));
    // Then
    assertGone(3);
  }

  @Test
  void aMarkThatSomeoneElseWroteTakesNothingThatAStartReads() throws IOException {
    // Given
    given(3L);
    log.write(LogPaths.ENTRIES_FROM, "1536\n".getBytes(StandardCharsets.UTF_8));
    // When
    retention(10).run(SIZE, 2 * TileName.FULL, old(3));
    // Then
    assertThat(bundles(log)).containsExactly(2L, 3L, 4L, 5L);
    log.write(LogPaths.ENTRIES_REMOVED, "-1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> retention(10).run(SIZE, SIZE, old(3)))
        .isInstanceOf(IOException.class)
        .hasMessage("entries-removed holds no number");
  }
}
