package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.log.LogPaths;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.merkle.TileName;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes bundles of old entries out of the log; their hashes stay, so what comes after is proved as
 * before. How old an entry is nobody is believed but the operator itself: one that lies before a
 * record of the operator is at least as old as that. (audit.md, Log)
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** A run must not keep the housekeeping from its other work: 131,072 entries. */
  private static final int BUNDLES_A_RUN = 512;

  private final LogStorage storage;
  private final Optional<LogStorage> archive;
  private final Duration keep;

  /**
   * Of one log.
   *
   * @param archive where bundles are moved; empty: they are deleted
   */
  Retention(LogStorage storage, Optional<LogStorage> archive, Duration keep) {
    this.storage = storage;
    this.archive = archive;
    this.keep = keep;
  }

  /**
   * Takes out what is old enough now.
   *
   * @param size of the log
   * @param settled entries below which no start of an operator has to read
   * @return index of the first entry that is there
   * @throws IOException when something could not be moved; it is tried again with the next run
   */
  long run(long size, long settled, Instant now) throws IOException {
    long first = LogPaths.entriesFrom(storage);
    long cut = Math.min(oldest(first, size, now.minus(keep)), settled);
    long bundles = cut / TileName.FULL;
    if (bundles * TileName.FULL <= first) {
      return first;
    }
    for (long bundle = first / TileName.FULL; bundle < bundles; bundle++) {
      archive(new TileName(TileName.ENTRIES, bundle, TileName.FULL).path());
    }
    // Said before they go: no reader misses what it was not told of.
    long from = bundles * TileName.FULL;
    storage.write(LogPaths.ENTRIES_FROM, (from + "\n").getBytes(StandardCharsets.US_ASCII));
    for (long bundle = first / TileName.FULL; bundle < bundles; bundle++) {
      storage.delete(new TileName(TileName.ENTRIES, bundle, TileName.FULL).path());
    }
    LOG.atInfo()
        .addKeyValue("from", first)
        .addKeyValue("to", from)
        .addKeyValue("archived", archive.isPresent())
        .log("entries left the log by age; their hashes stay");
    return from;
  }

  /** Index of the newest record of the operator that is older than that; all before it are too. */
  private long oldest(long first, long size, Instant limit) throws IOException {
    TileReader entries = new TileReader(storage, size);
    long cut = first;
    for (long bundle = first / TileName.FULL;
        bundle < first / TileName.FULL + BUNDLES_A_RUN && bundle * TileName.FULL < size;
        bundle++) {
      long index = bundle * TileName.FULL;
      for (byte[] entry : entries.entries(bundle)) {
        Entry what = parse(index, entry);
        if (what instanceof OperatorEntry && what.time().isAfter(limit)) {
          return cut;
        }
        cut = what instanceof OperatorEntry ? index : cut;
        index++;
      }
    }
    return cut;
  }

  private static Entry parse(long index, byte[] entry) throws IOException {
    try {
      return AuditRecord.parse(new String(entry, StandardCharsets.UTF_8)).entry();
    } catch (MalformedException e) {
      throw new IOException("entry " + index + " is no record: " + e.getMessage(), e);
    }
  }

  private void archive(String path) throws IOException {
    if (archive.isEmpty()) {
      return;
    }
    byte[] bytes = storage.read(path);
    if (bytes == null) {
      // Moved by a run that did not come to its end.
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
