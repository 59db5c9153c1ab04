package dev.writ.operator.records;

import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.merkle.TileName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes bundles of old entries out of the log; their hashes stay, so what comes after is proved as
 * before. Two may do it at once, one of them slow and from before a change of leaders: marks are
 * only swapped. Not thread-safe. (audit.md, Log)
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** A run must not keep the housekeeping from its other work: 131,072 entries. */
  private static final int BUNDLES_A_RUN = 512;

  private final LogStorage storage;
  private final Optional<LogStorage> archive;
  private final Duration keep;
  private final int bundlesRun;
  private final OldEntries old;

  /**
   * Of one log.
   *
   * @param archive where bundles are moved; empty: they are deleted
   */
  Retention(LogStorage storage, Optional<LogStorage> archive, Duration keep) {
    this(storage, archive, keep, BUNDLES_A_RUN);
  }

  /**
   * The same, with another bound.
   *
   * @param bundlesRun most bundles that leave with one run
   */
  Retention(LogStorage storage, Optional<LogStorage> archive, Duration keep, int bundlesRun) {
    this.storage = storage;
    this.archive = archive;
    this.keep = keep;
    this.bundlesRun = bundlesRun;
    this.old = new OldEntries(storage);
  }

  /**
   * Takes out what is old enough now.
   *
   * @param size of the log
   * @param settled entries below which no start of an operator has to read
   * @return index of the first entry that is there
   * @throws IOException when something could not be moved or removed; it is tried again with the
   *     next run
   */
  long run(long size, long settled, Instant now) throws IOException {
    removeRest(settled);
    byte[] said = storage.read(LogPaths.ENTRIES_FROM);
    long first = LogPaths.index(LogPaths.ENTRIES_FROM, said);
    long bundle = first / TileName.FULL;
    long most = (bundle + bundlesRun) * TileName.FULL;
    long cut = Math.min(old.before(first, most, size, now.minus(keep)), Math.min(settled, most));
    long from = cut / TileName.FULL * TileName.FULL;
    if (from <= first) {
      return first;
    }
    for (; bundle * TileName.FULL < from; bundle++) {
      archive(path(bundle));
    }
    // Said before they go: no reader misses what it was not told of.
    if (!swap(LogPaths.ENTRIES_FROM, said, from)) {
      // Another leader did it meanwhile, maybe more of it, and removes what it moved.
      return LogPaths.entriesFrom(storage);
    }
    LOG.atInfo()
        .addKeyValue("from", first)
        .addKeyValue("to", from)
        .addKeyValue("archived", archive.isPresent())
        .log("entries leave the log by age; their hashes stay");
    removeRest(settled);
    return from;
  }

  /**
   * Removes the bundles that readers were told of and that are not known to be gone: also those of
   * a run that did not come to its end. Never one that a start reads, whatever the marks say.
   */
  private void removeRest(long settled) throws IOException {
    byte[] said = storage.read(LogPaths.ENTRIES_REMOVED);
    long removed = LogPaths.index(LogPaths.ENTRIES_REMOVED, said);
    // Read after the other, which never passes it.
    long first = LogPaths.entriesFrom(storage);
    long to = Math.min(first, settled);
    for (long bundle = removed / TileName.FULL; (bundle + 1) * TileName.FULL <= to; bundle++) {
      storage.delete(path(bundle));
    }
    // Lower when bundles were put back from the archive: they will leave again.
    long now = Math.max(Math.min(removed, first), to);
    if (now != removed) {
      // When another leader was faster, it removed the same.
      var _ = swap(LogPaths.ENTRIES_REMOVED, said, now);
    }
  }

  private boolean swap(String path, byte @Nullable [] said, long index) throws IOException {
    return storage.replace(path, said, (index + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static String path(long bundle) {
    return new TileName(TileName.ENTRIES, bundle, TileName.FULL).path();
  }

  private void archive(String path) throws IOException {
    if (archive.isEmpty()) {
      return;
    }
    byte[] bytes = storage.read(path);
    if (bytes == null) {
      // Moved by a run that did not come to its end, or by another leader.
      if (archive.get().read(path) == null) {
        throw new IOException(path + " is neither in the log nor in the archive");
      }
      return;
    }
    archive.get().write(path, bytes);
    if (!Arrays.equals(archive.get().read(path), bytes)) {
      throw new IOException("the archive does not say what was written to " + path);
    }
  }
}
