package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import java.util.List;

/** What became of a batch. */
public sealed interface Outcome {
  /**
   * Last sequence number of the boot that is in the log for good, 0 for none: the gate may forget
   * up to it.
   */
  long acked();

  /**
   * All of it is in the log, signed and public.
   *
   * @param placed the records that were not there before, in order
   */
  record Stored(long acked, List<Placed> placed) implements Outcome {
    public Stored {
      placed = List.copyOf(placed);
    }
  }

  /**
   * None of it was taken: it is not what follows the boot's last record.
   *
   * @param reason names the record and what is wrong with it
   */
  record Broken(long acked, String reason) implements Outcome {}

  /**
   * A record and its place in the log.
   *
   * @param index of its entry, from 0
   */
  record Placed(long index, AuditRecord auditRecord) {}
}
