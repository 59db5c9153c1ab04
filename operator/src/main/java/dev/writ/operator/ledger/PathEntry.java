package dev.writ.operator.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one counter path stands. (quota.md, Totals: {@code used + sum of outstanding <= limit},
 * unless the limit was lowered below what had been granted.)
 *
 * @param path see {@link dev.writ.contract.quota.CounterPath}
 * @param generation of the capability that set the limit
 * @param limit calls allowed; of a delegation the smallest ever presented
 * @param used by boots that are settled, what was lost with them included
 * @param stranded the part of {@code used} that was lost with its boot
 * @param boots in the order in which they came
 */
public record PathEntry(
    String path, long generation, long limit, long used, long stranded, List<BootTotals> boots) {
  /** Rows of closed boots that are kept. */
  static final int MOST_CLOSED = 64;

  /** Copies. */
  public PathEntry {
    boots = List.copyOf(boots);
    if (limit < 0 || used < 0 || stranded < 0 || stranded > used) {
      throw new IllegalArgumentException("entry " + path + ": totals are out of order");
    }
  }

  /** Calls that nobody was granted; below 0 when the limit was lowered under what is out. */
  public long remaining() {
    return limit - used - outstanding();
  }

  /** What all boots that are not closed were granted and have not given back. */
  public long outstanding() {
    long sum = 0;
    for (BootTotals row : boots) {
      sum += row.outstanding();
    }
    return sum;
  }

  /** Calls that are known to be spent, or counted as such. */
  public long knownUsed() {
    long sum = used;
    for (BootTotals row : boots) {
      sum += row.closed() ? 0 : row.spent();
    }
    return sum;
  }

  /** Whether the spent totals have reached the limit: no allowance is left anywhere. */
  public boolean exhausted() {
    return knownUsed() >= limit;
  }

  /** The totals of a boot, null when it was never granted anything here. */
  public @Nullable BootTotals boot(String boot) {
    for (BootTotals row : boots) {
      if (row.boot().equals(boot)) {
        return row;
      }
    }
    return null;
  }

  /** The same with that row in the place of the boot's own, or behind all others. */
  PathEntry with(BootTotals row) {
    List<BootTotals> next = new ArrayList<>(boots.size() + 1);
    boolean found = false;
    for (BootTotals old : boots) {
      boolean same = old.boot().equals(row.boot());
      found |= same;
      next.add(same ? row : old);
    }
    if (!found) {
      next.add(row);
    }
    return withBoots(row.closed() ? bounded(next) : next);
  }

  /**
   * A pod that starts again and again, and a log of years, must not make an entry that no
   * CallLedger can hold. Nothing is counted by the rows of closed boots, and the oldest is the
   * least likely to be heard of again.
   */
  private static List<BootTotals> bounded(List<BootTotals> rows) {
    long closed = rows.stream().filter(BootTotals::closed).count();
    if (closed > MOST_CLOSED) {
      rows.remove(rows.stream().filter(BootTotals::closed).findFirst().orElseThrow());
    }
    return rows;
  }

  PathEntry withBoots(List<BootTotals> rows) {
    return new PathEntry(path, generation, limit, used, stranded, rows);
  }

  PathEntry withLimit(long newGeneration, long newLimit) {
    return new PathEntry(path, newGeneration, newLimit, used, stranded, boots);
  }

  /** Closes a boot: the ledger now counts what it used, and no longer what it holds. */
  PathEntry close(BootTotals closed) {
    long counted = closed.spent() + closed.lost();
    return new PathEntry(path, generation, limit, used + counted, stranded + closed.lost(), boots)
        .with(closed);
  }
}
