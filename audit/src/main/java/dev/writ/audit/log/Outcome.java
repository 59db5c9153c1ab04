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

  /** The records that are in the log by this batch and were not before, in order. */
  List<Placed> placed();

  /** All of it is in the log, signed and public. */
  record Stored(long acked, List<Placed> placed) implements Outcome {
    public Stored {
      placed = List.copyOf(placed);
    }
  }

  /**
   * A record of it is not what follows the boot's last one, or was objected to; those before it are
   * in the log.
   *
   * @param reason names the record and what is wrong with it
   */
  record Broken(long acked, String reason, List<Placed> placed) implements Outcome {
    public Broken {
      placed = List.copyOf(placed);
    }
  }

  /** The boot is another pod's: nothing was taken. */
  record Foreign() implements Outcome {
    @Override
    public long acked() {
      return 0;
    }

    @Override
    public List<Placed> placed() {
      return List.of();
    }
  }

  /**
   * A record and its place in the log.
   *
   * @param index of its entry, from 0
   */
  record Placed(long index, AuditRecord auditRecord) {}
}
