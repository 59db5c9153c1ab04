package dev.writ.sidecar.control;

import dev.writ.sidecar.journal.Backlog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings records to the operator and tells it what is in force here. One thread uses it. (audit.md,
 * Record)
 *
 * <p>A record leaves the disk only when the operator said that it has it: a lost answer, a restart
 * on either side and a batch sent twice change nothing.
 */
final class RecordShipper {
  private static final int MAX_BATCH = 1 << 20;

  /**
   * A line is JSON sent as a JSON string: each of its characters becomes two at most. The rest is
   * for the frame around them.
   */
  private static final int MAX_LINES = (MAX_BATCH - 16 * 1024) / 2;

  private final Operator operator;
  private final Backlog backlog;
  private final Epochs epochs;
  private final String ownBoot;
  private final Counter gaps;

  /** Where the operator wants a boot to go on, when that is not after what it acknowledged. */
  private final Map<String, Long> resumeAfter = new HashMap<>();

  private long confirmed = -1;

  RecordShipper(
      Operator operator, Backlog backlog, Epochs epochs, String ownBoot, MeterRegistry meters) {
    this.operator = operator;
    this.backlog = backlog;
    this.epochs = epochs;
    this.ownBoot = ownBoot;
    this.gaps =
        Counter.builder("writ_records_gaps")
            .description("Batches that the operator could not join to what it has")
            .register(meters);
  }

  /**
   * Ships all there is.
   *
   * @throws OperatorException when the operator is away, or asks for records that are gone; what
   *     was shipped stays shipped
   */
  void ship() throws OperatorException, InterruptedException {
    BrokenOff brokenOff = null;
    // One batch of each boot a round, ours first: what a predecessor left must not delay what
    // happens now.
    Deque<String> rounds = new ArrayDeque<>(backlog.boots().reversed());
    try {
      while (!rounds.isEmpty()) {
        String boot = rounds.removeFirst();
        try {
          if (shipBatch(boot)) {
            rounds.addLast(boot);
          }
        } catch (BrokenOff e) {
          brokenOff = e;
        }
      }
    } catch (IOException e) {
      throw new OperatorException("couldn't read the journal: " + e.getMessage(), e);
    }
    confirm();
    if (brokenOff != null) {
      throw new OperatorException(String.valueOf(brokenOff.getMessage()), brokenOff);
    }
  }

  private void confirm() throws OperatorException, InterruptedException {
    long applied = epochs.applied();
    if (applied != confirmed) {
      operator.records(ownBoot, applied, List.of());
      confirmed = applied;
    }
  }

  /** Whether there may be more of this boot. */
  private boolean shipBatch(String boot)
      throws BrokenOff, OperatorException, InterruptedException, IOException {
    long after = resumeAfter.getOrDefault(boot, backlog.acknowledged(boot));
    List<String> lines = backlog.pending(boot, after, MAX_LINES);
    if (lines.isEmpty()) {
      return false;
    }
    long applied = epochs.applied();
    Operator.Acknowledged acknowledged = operator.records(boot, applied, lines);
    confirmed = boot.equals(ownBoot) && !acknowledged.gap() ? applied : confirmed;
    if (acknowledged.seq() > backlog.acknowledged(boot)) {
      backlog.acknowledge(boot, acknowledged.seq());
    }
    if (!acknowledged.gap()) {
      resumeAfter.remove(boot);
      return acknowledged.seq() > after;
    }
    gaps.increment();
    if (acknowledged.seq() == after) {
      // It has all before this batch and still cannot take it: the records do not fit together.
      throw new BrokenOff(
          "couldn't ship records: boot " + boot + " does not continue after record " + after);
    }
    resumeAfter.put(boot, acknowledged.seq());
    return true;
  }

  /** The operator has the records up to one, and ours do not continue it. */
  private static final class BrokenOff extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenOff(String message) {
      super(message);
    }
  }
}
