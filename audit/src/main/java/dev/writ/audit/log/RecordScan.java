package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a log in order: for whoever sums them up at a start, exports or searches
 * them.
 */
public final class RecordScan {
  private RecordScan() {}

  /** Takes one record. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * A record.
     *
     * @param index of its entry
     * @param line as it is in the log
     * @param podUid from the start of its boot, null when that has none or lies before what is read
     */
    void visit(long index, String line, AuditRecord auditRecord, @Nullable String podUid)
        throws IOException;
  }

  /**
   * Reads all records from that index on. Memory grows with the number of boots.
   *
   * @throws IOException when the log can't be read, an entry is no record, or the visitor throws it
   */
  public static void each(TileReader entries, long from, Visitor visitor) throws IOException {
    Map<String, String> pods = new HashMap<>();
    entries.each(
        from,
        (index, entry) -> {
          String line = new String(entry, StandardCharsets.UTF_8);
          AuditRecord auditRecord = parse(index, line);
          if (auditRecord.entry() instanceof Entry.Start start && start.uid() != null) {
            pods.put(auditRecord.boot(), start.uid());
          }
          visitor.visit(index, line, auditRecord, pods.get(auditRecord.boot()));
          if (auditRecord.entry() instanceof Entry.Stop) {
            pods.remove(auditRecord.boot());
          }
        });
  }

  private static AuditRecord parse(long index, String line) throws IOException {
    try {
      return AuditRecord.parse(line);
    } catch (MalformedException e) {
      throw new IOException("entry " + index + " is no record: " + e.getMessage(), e);
    }
  }
}
