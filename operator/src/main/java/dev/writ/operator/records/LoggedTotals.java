package dev.writ.operator.records;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.OperatorEntry.BootTotals;
import dev.writ.audit.OperatorEntry.Grant;
import dev.writ.audit.OperatorEntry.Settle;
import dev.writ.audit.OperatorEntry.Totals;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The newest totals of each counter path that are in the log: what a ledger must not fall behind,
 * and what one that was lost is made from again. Filled at the start from the whole log, then with
 * each append. Memory grows with paths and the boots that are not settled. Thread-safe. (quota.md,
 * Leaders and backups)
 */
public final class LoggedTotals implements TransparencyLog.Listener {
  private final Map<String, Path> paths = new HashMap<>();

  private static final class Path {
    Totals totals;
    final Map<String, BootTotals> boots = new HashMap<>();

    Path(Totals totals) {
      this.totals = totals;
    }
  }

  @Override
  public void stored(long index, String podUid, AuditRecord stored) {
    switch (stored.entry()) {
      case Grant grant -> add(grant.totals());
      case Settle settle -> add(settle.totals());
      default -> {
        // Says nothing about totals.
      }
    }
  }

  private synchronized void add(Totals totals) {
    Path path = paths.computeIfAbsent(totals.path(), _ -> new Path(totals));
    path.totals = totals;
    BootTotals of = totals.of();
    if (of != null && of.closed()) {
      path.boots.remove(of.boot());
    } else if (of != null) {
      path.boots.put(of.boot(), of);
    }
  }

  /** The newest totals of that path; its {@code of} is the boot that they were about. */
  public synchronized Optional<Totals> last(String path) {
    return Optional.ofNullable(paths.get(path)).map(known -> known.totals);
  }

  /** The newest totals of every path whose first cid is {@code cid}, by path. */
  public synchronized Map<String, Totals> under(String cid) {
    Map<String, Totals> found = new HashMap<>();
    paths.forEach(
        (path, known) -> {
          if (path.equals(cid) || path.startsWith(cid + "/")) {
            found.put(path, known.totals);
          }
        });
    return found;
  }

  /** The boots under that path that are not settled, by boot. */
  public synchronized Map<String, BootTotals> open(String path) {
    Path known = paths.get(path);
    return known == null ? Map.of() : Map.copyOf(known.boots);
  }

  /** The capability is gone: nothing is granted under it any more. */
  public synchronized void forget(String cid) {
    paths.keySet().removeIf(path -> path.equals(cid) || path.startsWith(cid + "/"));
  }
}
