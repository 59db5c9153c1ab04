package dev.writ.operator.capability;

import org.jspecify.annotations.Nullable;

/**
 * Where the calls of one capability went, as its ledger says. (crd.md, status)
 *
 * @param used counted: of ended gates, and of live ones as far as they told
 * @param held granted to gates, neither spent nor given back
 * @param stranded the part of {@code used} that was lost with a gate
 * @param behind what an administrator has to write to accept the log's totals, when the ledger says
 *     less than the log; null when it does not
 */
public record CallTotals(long used, long held, long stranded, @Nullable String behind) {
  /** Nothing was ever granted. */
  public static final CallTotals NONE = new CallTotals(0, 0, 0, null);

  /** Calls that were or may be let through without another grant. */
  public long claimed() {
    return used + held;
  }
}
