package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Boot;
import dev.writ.audit.BrokenChainException;
import dev.writ.audit.ChainCheck;
import dev.writ.audit.LineHash;
import dev.writ.audit.log.BootHeads.Head;
import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells new records from known and from wrong ones. Records that the log has are skipped, so a
 * batch that is sent again is not appended again; of a batch that breaks, what comes before the
 * break is taken.
 */
final class Intake {
  private final BootHeads heads;
  private final long size;
  private final List<byte[]> entries = new ArrayList<>();
  private final List<Outcome> outcomes = new ArrayList<>();

  private Intake(BootHeads heads, long size) {
    this.heads = heads;
    this.size = size;
  }

  /** Sorts batches that come after {@code state}, which stays as it is. */
  static Intake of(LogWriter.State state, List<Batch> batches) {
    Intake intake = new Intake(state.heads().fork(), state.tree().size());
    batches.forEach(batch -> intake.outcomes.add(intake.take(batch)));
    return intake;
  }

  /** The new entries of all batches that were taken, in order. */
  List<byte[]> entries() {
    return entries;
  }

  /** What becomes of each batch once the entries are in the log. */
  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  /** Where the boots stand then. */
  BootHeads heads() {
    return heads;
  }

  /** Whether something was refused that may be in order for who knows more. */
  boolean isBroken() {
    return outcomes.stream().anyMatch(outcome -> !(outcome instanceof Outcome.Stored));
  }

  private Outcome take(Batch batch) {
    if (!Boot.isValid(batch.boot())) {
      return new Outcome.Broken(0, "boot is not 16 lower-case hex digits", List.of());
    }
    Head head = heads.of(batch.boot());
    // A boot without an owner is one that no pod may speak for: the operator's own.
    if (batch.owner() != null && head.seq() > 0 && !batch.owner().equals(head.owner())) {
      return new Outcome.Foreign();
    }
    ChainCheck check = head.check(batch.boot());
    List<Outcome.Placed> placed = new ArrayList<>();
    String reason = null;
    try {
      for (String line : batch.lines()) {
        AuditRecord next = AuditRecord.parse(line);
        if (!isKnown(next, line, batch.boot(), heads.of(batch.boot()))) {
          accept(batch, check, next, line);
          placed.add(new Outcome.Placed(size + entries.size() - 1, next));
        }
      }
    } catch (BrokenChainException | MalformedException e) {
      reason = String.valueOf(e.getMessage());
    }
    long acked = heads.of(batch.boot()).seq();
    return reason == null
        ? new Outcome.Stored(acked, placed)
        : new Outcome.Broken(acked, reason, placed);
  }

  private void accept(Batch batch, ChainCheck check, AuditRecord next, String line)
      throws BrokenChainException, MalformedException {
    String objection = batch.vetting().objection(next);
    if (objection != null) {
      throw new MalformedException("record " + next.receipt() + ": " + objection);
    }
    check.accept(next, line);
    entries.add(line.getBytes(StandardCharsets.UTF_8));
    heads.put(batch.boot(), Head.after(check, next, heads.of(batch.boot()).owner()));
  }

  private static boolean isKnown(AuditRecord next, String line, String boot, Head head)
      throws MalformedException {
    if (!next.boot().equals(boot) || next.seq() > head.seq()) {
      return false;
    }
    if (next.seq() == head.seq() && !LineHash.of(line).equals(head.hash())) {
      throw new MalformedException(
          "record " + next.receipt() + " is in the log with other content");
    }
    return true;
  }
}
