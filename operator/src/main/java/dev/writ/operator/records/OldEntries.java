package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.log.LogStorage;
import dev.writ.audit.log.TileReader;
import dev.writ.audit.merkle.TileName;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * How far the log is old. How old an entry is nobody is believed but the operator itself: one that
 * lies before a record of the operator is at least as old as that. Reads each entry once, from the
 * first that is there on. Not thread-safe. (audit.md, Log)
 */
final class OldEntries {
  private final LogStorage storage;

  /** All before it were looked at. */
  private long reached;

  /** Index of the newest record of the operator that was found old; all before it are too. */
  private long old;

  OldEntries(LogStorage storage) {
    this.storage = storage;
  }

  /**
   * Reads on until it is known that so many entries are old, or that no more are.
   *
   * @param first index of the first entry that is there
   * @param wanted index that need not be passed: enough for now
   * @param size of the log
   * @param limit what is younger is not old
   * @return index below which all entries are old
   * @throws IOException when an entry can't be read; the next call goes on with it
   */
  long before(long first, long wanted, long size, Instant limit) throws IOException {
    TileReader entries = new TileReader(storage, size);
    reached = Math.max(reached, first);
    while (old < wanted && reached < size) {
      long bundle = reached / TileName.FULL;
      long index = bundle * TileName.FULL;
      for (byte[] entry : entries.entries(bundle)) {
        if (index >= reached) {
          if (parse(index, entry) instanceof OperatorEntry what) {
            if (what.time().isAfter(limit)) {
              return old;
            }
            old = index;
          }
          reached = index + 1;
        }
        index++;
      }
    }
    return old;
  }

  private static Entry parse(long index, byte[] entry) throws IOException {
    try {
      return AuditRecord.parse(new String(entry, StandardCharsets.UTF_8)).entry();
    } catch (MalformedException e) {
      throw new IOException("entry " + index + " is no record: " + e.getMessage(), e);
    }
  }
}
