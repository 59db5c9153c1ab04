package dev.writ.operator.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one write to a CallLedger changed, as totals: the log gets all of it in one batch, before
 * the answer leaves. (quota.md, Order; audit.md, {@code grant} and {@code settle} records)
 *
 * @param parts at least one
 */
public record LedgerChange(List<Part> parts) {
  /** Copies. */
  public LedgerChange {
    parts = List.copyOf(parts);
  }

  /**
   * One path after the change, and one boot of it: one record.
   *
   * @param path of the entry
   * @param generation that set the limit
   * @param limit calls allowed
   * @param used by settled boots, after the whole change
   * @param held granted to open boots less what they returned, after the whole change
   * @param stranded the part of {@code used} that was lost
   * @param of the boot that changed, null when only the limit did
   */
  public record Part(
      String path,
      long generation,
      long limit,
      long used,
      long held,
      long stranded,
      @Nullable BootTotals of) {
    /** Whether this closes a boot or takes something back from it: a {@code settle} record. */
    public boolean settles() {
      return of != null && of.closed();
    }
  }

  /** What {@code after} says that {@code before} did not, null when the log knows it all. */
  static @Nullable LedgerChange between(LedgerState before, LedgerState after) {
    List<Part> parts = new ArrayList<>();
    for (PathEntry entry : after.entries()) {
      PathEntry old = before.entry(entry.path());
      int first = parts.size();
      for (BootTotals row : entry.boots()) {
        if (differs(old == null ? null : old.boot(row.boot()), row)) {
          parts.add(part(entry, row));
        }
      }
      boolean limits =
          old == null || old.limit() != entry.limit() || old.generation() != entry.generation();
      if (parts.size() == first && limits) {
        parts.add(part(entry, null));
      }
    }
    return parts.isEmpty() ? null : new LedgerChange(parts);
  }

  private static boolean differs(@Nullable BootTotals old, BootTotals row) {
    if (old == null) {
      // The mark of a boot that never had anything here says nothing about counts.
      return !row.closed() || row.granted() > 0;
    }
    return old.granted() != row.granted()
        || old.returned() != row.returned()
        || old.closed() != row.closed();
  }

  private static Part part(PathEntry entry, @Nullable BootTotals row) {
    return new Part(
        entry.path(),
        entry.generation(),
        entry.limit(),
        entry.used(),
        entry.outstanding(),
        entry.stranded(),
        row);
  }

  /** The state that the log knows once it has this change. */
  LedgerState applyTo(LedgerState logged) {
    LedgerState next = logged;
    for (Part part : parts) {
      next = next.with(apply(part, next.entry(part.path())));
    }
    return next;
  }

  private static PathEntry apply(Part part, @Nullable PathEntry old) {
    List<BootTotals> boots = old == null ? List.of() : old.boots();
    PathEntry entry =
        new PathEntry(
            part.path(), part.generation(), part.limit(), part.used(), part.stranded(), boots);
    return part.of() == null ? entry : entry.with(part.of());
  }
}
