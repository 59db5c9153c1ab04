package dev.writ.operator.records;

import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.Totals;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** What the operator records of itself, in the same log as what gates decided. Thread-safe. */
public interface OperatorLog {
  /**
   * Appends entries, in this order and one after the other. Blocks for a round of the log, some
   * tens of milliseconds; callers that wait at the same time share it.
   *
   * @throws IOException when they may not be in the log yet: whoever was to act on them must not.
   *     They are not forgotten: they go before whatever is appended next
   */
  void append(List<? extends OperatorEntry> entries) throws IOException;

  /** Has entries appended soon, in this order; for what must not wait, as a revocation. */
  void later(List<? extends OperatorEntry> entries);

  /** What every entry begins with. */
  Stamp stamp();

  /** When, and which operator ({@code <namespace>/writ-operator}). */
  record Stamp(Instant time, String pod) {}

  /** Appends totals after the ledger granted calls, or its limit changed; as {@link #append}. */
  default void granted(List<Totals> totals) throws IOException {
    Stamp now = stamp();
    append(totals.stream().map(each -> new OperatorEntry.Grant(now.time, now.pod, each)).toList());
  }

  /** Appends totals after the ledger took calls back; as {@link #append}. */
  default void settled(List<Totals> totals) throws IOException {
    Stamp now = stamp();
    append(totals.stream().map(each -> new OperatorEntry.Settle(now.time, now.pod, each)).toList());
  }
}
