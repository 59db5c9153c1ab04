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
 * batch that is sent again is not appended again; a batch that does not follow is refused whole.
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
    Intake intake = new Intake(state.heads().copy(), state.tree().size());
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

  boolean isBroken() {
    return outcomes.stream().anyMatch(Outcome.Broken.class::isInstance);
  }

  private Outcome take(Batch batch) {
    if (!Boot.isValid(batch.boot())) {
      return new Outcome.Broken(0, "boot is not 16 lower-case hex digits");
    }
    Head head = heads.of(batch.boot());
    try {
      ChainCheck check = heads.check(batch.boot());
      List<byte[]> lines = new ArrayList<>();
      List<Outcome.Placed> placed = new ArrayList<>();
      for (String line : batch.lines()) {
        if (!placed.isEmpty() || !isKnown(line, batch.boot(), head)) {
          placed.add(new Outcome.Placed(size + entries.size() + lines.size(), check.accept(line)));
          lines.add(line.getBytes(StandardCharsets.UTF_8));
        }
      }
      if (!lines.isEmpty()) {
        heads.advance(check);
        entries.addAll(lines);
      }
      return new Outcome.Stored(heads.of(batch.boot()).seq(), placed);
    } catch (BrokenChainException | MalformedException e) {
      return new Outcome.Broken(head.seq(), String.valueOf(e.getMessage()));
    }
  }

  private static boolean isKnown(String line, String boot, Head head) throws MalformedException {
    if (head.seq() == 0) {
      return false;
    }
    AuditRecord auditRecord = AuditRecord.parse(line);
    if (!auditRecord.boot().equals(boot) || auditRecord.seq() > head.seq()) {
      return false;
    }
    if (auditRecord.seq() == head.seq() && !LineHash.of(line).equals(head.hash())) {
      throw new MalformedException(
          "record " + auditRecord.receipt() + " is in the log with other content");
    }
    return true;
  }
}
