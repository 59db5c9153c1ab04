package dev.writ.sidecar.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.audit.ChainCheck;
import dev.writ.audit.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A record is there whole or not at all, whatever the disk does; what waits is shipped in order.
 */
final class JournalTest {
  private static final String BOOT = "00000000000000a1";
  private static final String NEXT = "00000000000000a2";
  private static final Retention SMALL = new Retention(4_000, 1_000, Retention.WhenFull.DENY);
  private static final Retention DROPPING =
      new Retention(4_000, 1_000, Retention.WhenFull.DROP_OLDEST);
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  @TempDir private Path directory;

  private static Entry start() {
    return new Entry.Start(NOW, "standalone", null, null, 0);
  }

  private static Entry end(long of) {
    return new Entry.End(NOW, "standalone", of, 200, 5);
  }

  /** A disk with room for so many bytes; writes what fits, then fails. */
  private static final class SmallDisk implements AppendFile.Maker {
    private long room;
    private boolean truncates = true;

    SmallDisk(long room) {
      this.room = room;
    }

    @Override
    public AppendFile create(Path path) throws IOException {
      AppendFile real = AppendFile.onDisk(path);
      return new AppendFile() {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
          int fits = (int) Math.min(room, bytes.remaining());
          boolean all = fits == bytes.remaining();
          room -= fits;
          real.write(bytes.slice(bytes.position(), fits));
          if (!all) {
            throw new IOException("No space left on device");
          }
        }

        @Override
        public void truncate(long size) throws IOException {
          if (!truncates) {
            throw new IOException("Input/output error");
          }
          real.truncate(size);
        }

        @Override
        public void close() throws IOException {
          real.close();
        }
      };
    }
  }

  private static void check(String boot, List<String> lines) throws Exception {
    ChainCheck check = new ChainCheck(boot);
    for (String line : lines) {
      check.accept(line);
    }
  }

  @Test
  void recordsAreShippedInOrderInBatchesAcrossSegments() throws Exception {
    try (Journal journal =
        Journal.open(directory, BOOT, new Retention(100_000, 1_000, Retention.WhenFull.DENY))) {
      journal.append(start());
      for (int i = 1; i < 100; i++) {
        journal.append(end(i));
      }
      List<String> all = new ArrayList<>();
      while (all.size() < 100) {
        List<String> batch = journal.pending(BOOT, all.size(), 777);
        assertThat(batch).isNotEmpty();
        assertThat(batch.stream().mapToInt(line -> line.length() + 1).sum())
            .isLessThanOrEqualTo(777);
        all.addAll(batch);
      }
      assertThat(journal.pending(BOOT, 100, 777)).isEmpty();
      check(BOOT, all);
      // Asking again from an earlier place gives the same lines.
      assertThat(journal.pending(BOOT, 42, 1)).containsExactly(all.get(42));

      long before = journal.bytes();
      journal.acknowledge(BOOT, 60);
      assertThat(journal.acknowledged(BOOT)).isEqualTo(60);
      assertThat(journal.bytes()).isLessThan(before);
      assertThat(journal.pending(BOOT, 60, 1)).containsExactly(all.get(60));
    }
  }

  @Test
  void atTheBoundItDeniesUntilRecordsAreAcknowledged() throws Exception {
    try (Journal journal = Journal.open(directory, BOOT, SMALL)) {
      journal.append(start());
      assertThatThrownBy(() -> fill(journal))
          .isInstanceOf(AuditUnavailableException.class)
          .hasMessageContaining("the bound is 4000");
      assertThat(journal.healthy()).isFalse();
      assertThat(journal.bytes()).isLessThanOrEqualTo(4_000);

      journal.acknowledge(BOOT, 10_000);

      journal.append(end(1));
      assertThat(journal.healthy()).isTrue();
    }
  }

  private static void fill(Journal journal) throws AuditUnavailableException {
    for (int i = 0; i < 60; i++) {
      journal.append(end(i + 1));
    }
  }

  @Test
  void whereNobodyAcknowledgesTheOldestGiveWay() throws Exception {
    try (Journal journal = Journal.open(directory, BOOT, DROPPING)) {
      journal.append(start());
      fill(journal);
      assertThat(journal.bytes()).isLessThanOrEqualTo(4_000);
      assertThat(journal.dropped()).isPositive();
      long first = journal.acknowledged(BOOT);
      assertThat(first).isEqualTo(journal.dropped());
      assertThat(journal.pending(BOOT, first, 1).getFirst())
          .contains("\"seq\":" + (first + 1) + ",");
    }
    // The next boot makes room from its predecessor first.
    try (Journal journal = Journal.open(directory, NEXT, DROPPING)) {
      journal.append(start());
      fill(journal);
      assertThat(journal.boots()).containsExactly(NEXT);
      assertThat(journal.bytes()).isLessThanOrEqualTo(4_000);
    }
  }

  @Test
  void aFullDiskLeavesNoTornLineAndTheChainGoesOnWhenThereIsRoom() throws Exception {
    SmallDisk disk = new SmallDisk(1_500);
    try (Journal journal =
        Journal.open(directory, BOOT, new Retention(100_000, 700, Retention.WhenFull.DENY), disk)) {
      journal.append(start());
      assertThatThrownBy(() -> fill(journal)).hasMessageContaining("No space left");
      assertThatThrownBy(() -> journal.append(end(1))).hasMessageContaining("No space left");
      disk.room = 10_000;
      disk.truncates = false;
      assertThatThrownBy(() -> journal.append(end(1))).hasMessageContaining("Input/output error");
      disk.truncates = true;

      journal.append(end(7));

      check(BOOT, journal.pending(BOOT, 0, 700));
      List<String> onDisk = new ArrayList<>();
      try (var files = Files.walk(directory)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          onDisk.addAll(Files.readAllLines(file));
        }
      }
      check(BOOT, onDisk);
      assertThat(onDisk.getLast()).contains("\"of\":7");
    }
  }

  @Test
  void aSuccessorShipsWhatItsPredecessorLeftWithoutTheTornLine() throws Exception {
    try (Journal journal = Journal.open(directory, BOOT, SMALL)) {
      journal.append(start());
      journal.append(end(1));
    }
    Path segment;
    try (var files = Files.walk(directory)) {
      segment = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    Files.writeString(segment, "{\"torn", StandardOpenOption.APPEND);

    try (Journal journal = Journal.open(directory, NEXT, SMALL)) {
      assertThat(journal.previousBoot()).isEqualTo(BOOT);
      assertThat(journal.previousSeq()).isEqualTo(2);
      assertThat(journal.boots()).containsExactly(BOOT, NEXT);
      check(BOOT, journal.pending(BOOT, 0, 100_000));
      journal.acknowledge(BOOT, 1);
      assertThat(journal.pending(BOOT, 1, 100_000)).hasSize(1);
      journal.acknowledge(BOOT, 2);
      assertThat(journal.boots()).containsExactly(NEXT);
      assertThat(journal.pending(BOOT, 0, 100_000)).isEmpty();
    }
    // A boot that shipped everything still says where it was: the next start names it.
    try (Journal journal = Journal.open(directory, "00000000000000a3", SMALL)) {
      assertThat(journal.previousBoot()).isEqualTo(NEXT);
    }
  }

  @Test
  void readersAreWokenAndMayReadWhileOthersAppend() throws Exception {
    AtomicInteger wakes = new AtomicInteger();
    try (Journal journal = Journal.open(directory, BOOT, Retention.cluster())) {
      journal.onAppend(wakes::incrementAndGet);
      journal.append(start());
      Thread writer = Thread.startVirtualThread(() -> append(journal, 5_000));
      List<String> all = new ArrayList<>();
      while (all.size() < 5_001) {
        all.addAll(journal.pending(BOOT, all.size(), 64 * 1024));
        journal.acknowledge(BOOT, all.size());
      }
      writer.join();
      check(BOOT, all);
      assertThat(wakes).hasValue(5_001);
    }
  }

  private static void append(Journal journal, int count) {
    try {
      for (int i = 1; i <= count; i++) {
        journal.append(end(i));
      }
    } catch (AuditUnavailableException e) {
      throw new IllegalStateException(e);
    }
  }
}
