package dev.writ.audit.verify;

import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.BootTotals;
import dev.writ.audit.OperatorEntry.Totals;
import dev.writ.audit.verify.Finding.Kind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger said it granted, against itself and against what gates recorded: grants = used +
 * returned + stranded, and no gate admitted more than it was granted (quota.md, Totals). What a
 * boot had when it was settled, neither spent nor lost, has come back with it.
 */
final class Ledger {
  private final Findings findings;
  private final Map<String, Path> paths = new HashMap<>();

  Ledger(Findings findings) {
    this.findings = findings;
  }

  private static final class Path {
    @Nullable Totals last;
    long lastIndex;
    final Map<String, OfBoot> boots = new HashMap<>();
    long used;
    long held;
    long stranded;
  }

  private static final class OfBoot {
    @Nullable BootTotals last;
    long calls;
    long newestCall;
  }

  /** Takes a call that a gate let through. */
  void call(long index, String boot, Entry.Call call) {
    for (Entry.Count count : call.counts()) {
      StringBuilder path = new StringBuilder();
      for (Entry.Link link : call.chain()) {
        path.append(path.isEmpty() ? "" : "/").append(link.cid());
        if (link.cid().equals(count.cid())) {
          break;
        }
      }
      OfBoot of = path(path.toString()).boots.computeIfAbsent(boot, id -> new OfBoot());
      of.calls++;
      of.newestCall = index;
    }
  }

  /** Takes totals after a grant. */
  void granted(long index, OperatorEntry.Grant grant) {
    Totals totals = grant.totals();
    BootTotals of = totals.of();
    if (of != null && of.granted() > grantedBefore(totals.path(), of.boot())) {
      check(
          index,
          totals.claimed() <= totals.limit(),
          "granted beyond the limit of " + totals.limit() + ": " + totals.claimed() + " are out",
          totals.path());
    }
    take(index, totals);
  }

  /** Takes totals after calls came back or a boot ended. */
  void settled(long index, OperatorEntry.Settle settle) {
    take(index, settle.totals());
  }

  private long grantedBefore(String path, String boot) {
    OfBoot of = path(path).boots.get(boot);
    return of == null || of.last == null ? 0 : of.last.granted();
  }

  private void take(long index, Totals totals) {
    Path path = path(totals.path());
    Totals before = path.last;
    if (before != null) {
      boolean sameRule =
          totals.generation() == before.generation()
              && (totals.limit() == before.limit() || totals.path().indexOf('/') > 0);
      check(
          index,
          totals.generation() > before.generation() || sameRule,
          "the limit changed without a new generation, or the generation fell",
          totals.path());
    }
    if (before != null && !sameSums(before, totals)) {
      sums(path);
    }
    BootTotals of = totals.of();
    if (of != null) {
      boot(index, path, of, totals.path());
    }
    path.last = totals;
    path.lastIndex = index;
  }

  private static boolean sameSums(Totals one, Totals other) {
    return one.used() == other.used()
        && one.held() == other.held()
        && one.stranded() == other.stranded();
  }

  /**
   * One change of the ledger may be about several boots: a record for each, all with the sums after
   * the whole of it. So sums are compared when the next ones differ.
   */
  private void sums(Path path) {
    Totals last = path.last;
    if (last != null) {
      check(
          path.lastIndex,
          last.held() == path.held && last.used() == path.used && last.stranded() == path.stranded,
          "used %d, held %d, stranded %d, but its boots add up to %d, %d and %d"
              .formatted(
                  last.used(), last.held(), last.stranded(), path.used, path.held, path.stranded),
          last.path());
    }
  }

  private void boot(long index, Path path, BootTotals now, String name) {
    OfBoot of = path.boots.computeIfAbsent(now.boot(), id -> new OfBoot());
    BootTotals before = of.last;
    if (before != null) {
      check(
          index,
          now.granted() >= before.granted()
              && now.returned() >= before.returned()
              && now.spent() >= before.spent()
              && (!before.closed() || now.equals(before)),
          "a total of boot " + now.boot() + " fell, or changed after it was settled",
          name);
      add(path, before, -1);
    }
    check(
        index,
        now.returned() + now.spent() + now.lost() <= now.granted(),
        "boot "
            + now.boot()
            + " returned, spent and lost more than the "
            + now.granted()
            + " it was granted",
        name);
    add(path, now, 1);
    of.last = now;
  }

  private static void add(Path path, BootTotals of, int sign) {
    if (of.closed()) {
      path.used += sign * (of.spent() + of.lost());
      path.stranded += sign * of.lost();
    } else {
      path.held += sign * (of.granted() - of.returned());
    }
  }

  /** Ends the reading: records come later than grants, so only now can they be compared. */
  void end() {
    paths.forEach(
        (name, path) -> {
          if (path.last != null) {
            sums(path);
            path.boots.forEach((boot, of) -> recorded(name, boot, of));
          }
        });
  }

  private void recorded(String name, String boot, OfBoot of) {
    BootTotals last = of.last;
    long may =
        last == null
            ? 0
            : last.closed() ? last.spent() + last.lost() : last.granted() - last.returned();
    if (of.calls > may) {
      findings.add(
          Finding.at(
              Kind.LIMIT,
              of.newestCall,
              "boot %s recorded %d calls under %s, the ledger let it have %d"
                  .formatted(boot, of.calls, name, may)));
    }
  }

  /** Counter paths that the ledger has totals of. */
  long reconciled() {
    return paths.values().stream().filter(path -> path.last != null).count();
  }

  private Path path(String name) {
    return paths.computeIfAbsent(name, id -> new Path());
  }

  private void check(long index, boolean holds, String message, String path) {
    if (!holds) {
      findings.add(Finding.at(Kind.LEDGER, index, "ledger of " + path + ": " + message));
    }
  }
}
