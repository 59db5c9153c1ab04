package dev.writ.operator.ledger;

/**
 * Where the calls of one entry are, for status and metrics (crd.md, {@code status.calls}): {@code
 * used + held + remaining = limit} unless the limit was lowered below what had been granted.
 *
 * @param limit calls allowed
 * @param used spent as far as is known, or counted as such
 * @param held granted to gates and not known to be spent
 * @param stranded the part of {@code used} that was lost with its boot
 * @param remaining that nobody was granted; not below 0
 */
public record Figures(long limit, long used, long held, long stranded, long remaining) {
  /** The figures of an entry, with the spent totals that it holds. */
  public static Figures of(PathEntry entry) {
    long held = 0;
    for (BootTotals row : entry.boots()) {
      held += row.unspent();
    }
    return new Figures(
        entry.limit(), entry.knownUsed(), held, entry.stranded(), Math.max(0, entry.remaining()));
  }
}
