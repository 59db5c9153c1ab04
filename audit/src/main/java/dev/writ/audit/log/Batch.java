package dev.writ.audit.log;

import dev.writ.audit.AuditRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records as a gate ships them.
 *
 * @param boot whose records they are
 * @param lines in the order of their sequence numbers, without line feeds
 * @param owner UID of the pod that ships them: a boot whose start names another is not taken from
 *     it; null when the sender may speak for every boot
 * @param vetting what else the receiver demands of each new record
 */
public record Batch(String boot, List<String> lines, @Nullable String owner, Vetting vetting) {
  public Batch {
    lines = List.copyOf(lines);
  }

  /** Of any boot, with nothing further demanded. */
  public Batch(String boot, List<String> lines) {
    this(boot, lines, null, auditRecord -> null);
  }

  /** A demand on new records, such as that a pod speaks for itself alone. */
  @FunctionalInterface
  public interface Vetting {
    /** Why the record is not taken, null when it is. Called in order, possibly more than once. */
    @Nullable String objection(AuditRecord auditRecord);
  }
}
