package dev.writ.simulation;

import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What really happened, seen by nobody in the system, and what must hold at each step. */
final class Books {
  private final Map<String, Long> bound = new HashMap<>();
  private final Map<String, Long> spent = new HashMap<>();
  private final Map<String, Long> forwarded = new HashMap<>();
  private final Map<String, Long> finalGeneration = new HashMap<>();
  private final Map<Long, Long> forwardedInWindow = new HashMap<>();
  private final Map<Long, Map<String, Long>> grantedInWindow = new HashMap<>();
  private final Supplier<LedgerState> logged;
  private long lost;

  Books(Supplier<LedgerState> logged) {
    this.logged = logged;
  }

  /** What a path may admit in all. */
  void bound(String path, long calls) {
    bound.put(path, calls);
  }

  long spent(String path) {
    return spent.getOrDefault(path, 0L);
  }

  long forwarded(String path) {
    return forwarded.getOrDefault(path, 0L);
  }

  /** Calls that were counted and died with their process before the app saw them. */
  long lost() {
    return lost;
  }

  void died() {
    lost++;
  }

  /** A gate raised its counter for these paths. */
  void debited(String boot, List<String> paths) {
    LedgerState known = logged.get();
    for (String path : paths) {
      long now = spent.merge(path, 1L, Long::sum);
      PathEntry entry = known.entry(path);
      long counted = entry == null ? 0 : entry.used() + entry.outstanding();
      check(now <= counted, "spent " + now + " of " + path + ", the log has granted " + counted);
      BootTotals row = entry == null ? null : entry.boot(boot);
      if (row != null && !row.closed()) {
        long generation = finalGeneration.getOrDefault(path, -1L);
        check(generation != entry.generation(), "a call of " + path + " after it was final");
      }
    }
  }

  /** The app sees a call. */
  void forwarded(List<String> paths, long now, long perSecond) {
    for (String path : paths) {
      long calls = forwarded.merge(path, 1L, Long::sum);
      check(calls <= bound.get(path), calls + " calls of " + path + " of " + bound.get(path));
    }
    if (perSecond > 0) {
      long calls = forwardedInWindow.merge(now / 1000, 1L, Long::sum);
      check(calls <= perSecond, calls + " calls in one second of " + perSecond);
    }
  }

  /** The gate was told that a path is final. */
  void toldFinal(String path, long generation) {
    finalGeneration.put(path, generation);
  }

  /** The gate was told what it has in a window. */
  void toldWindow(long window, String boot, long granted, long perSecond) {
    Map<String, Long> boots = grantedInWindow.computeIfAbsent(window, _ -> new HashMap<>());
    boots.merge(boot, granted, Math::max);
    long sum = boots.values().stream().mapToLong(Long::longValue).sum();
    check(sum <= perSecond, sum + " calls granted in a window of " + perSecond);
  }

  /** The log was appended to. */
  void appended(LedgerState before, LedgerState after) {
    for (PathEntry entry : after.entries()) {
      PathEntry old = before.entry(entry.path());
      long out = entry.used() + entry.outstanding();
      if (CounterPath.isRoot(entry.path()) && old == null) {
        bound.put(entry.path(), entry.limit());
      } else if (CounterPath.isRoot(entry.path()) && entry.generation() > old.generation()) {
        bound.put(entry.path(), Math.max(entry.limit(), old.used() + old.outstanding()));
      }
      check(
          out <= bound.get(entry.path()),
          entry.path() + ": " + out + " granted of " + bound.get(entry.path()));
      check(
          entry.knownUsed() - entry.stranded() <= spent(entry.path()),
          entry.path() + ": " + entry.knownUsed() + " used, " + spent(entry.path()) + " were");
    }
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new Violation(otherwise);
    }
  }
}
