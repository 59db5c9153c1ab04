package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.ledger.Anchor.Claimant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How boots end in the ledger. (quota.md, Crashes) */
final class Settlement {
  private Settlement() {}

  /** What a boot that ended had spent under a path: the sum of the counters that count for it. */
  static long spent(Settled settled, String path) {
    long sum = 0;
    for (AllowanceRequest.Counter counter : settled.counters()) {
      if (counter.name().counted().contains(path)) {
        sum += counter.spent();
      }
    }
    return sum;
  }

  /** Settles what the request settles, then counts as lost what it says is lost. */
  static LedgerState apply(LedgerState state, RootLimit root, Ask ask) {
    LedgerState next = state;
    for (Settled settled : ask.settled()) {
      boolean found = false;
      for (PathEntry entry : next.entries()) {
        BootTotals row = entry.boot(settled.boot());
        found |= row != null;
        if (row != null && !row.closed()) {
          next = next.with(entry.close(row.settled(spent(settled, entry.path()))));
        }
      }
      PathEntry any = next.entries().isEmpty() ? young(settled, root) : next.entries().getFirst();
      if (!found && any != null) {
        next = next.with(marked(any, settled.boot(), ask.podUid()));
      }
    }
    Set<String> known = ask.known();
    if (known == null) {
      return next;
    }
    for (PathEntry entry : next.entries()) {
      PathEntry left = entry;
      for (BootTotals row : entry.boots()) {
        boolean own = row.podUid().equals(ask.podUid());
        if (own && !row.closed() && !known.contains(row.boot()) && !row.boot().equals(ask.boot())) {
          left = left.close(row.lostAll());
        }
      }
      next = next.with(left);
    }
    return next;
  }

  /**
   * For the mark in a ledger that has no entry yet: another leader may be about to write the first,
   * which is a grant for this very boot.
   */
  private static @Nullable PathEntry young(Settled settled, RootLimit root) {
    Long calls = root.calls();
    for (AllowanceRequest.Counter counter : settled.counters()) {
      String first = counter.name().counted().getFirst();
      if (calls != null && CounterPath.isRoot(first)) {
        return new PathEntry(first, root.generation(), calls, 0, 0, List.of());
      }
    }
    return null;
  }

  /**
   * A boot that has no row leaves its mark all the same, in one entry: a request of it that comes
   * late must not open one.
   */
  private static PathEntry marked(PathEntry entry, String boot, String podUid) {
    return entry.with(new BootTotals(boot, podUid, 0, 0, 0, 0, true));
  }

  /** Closes what pods held that are gone, and forgets what was closed of them before. */
  static LedgerState sweep(LedgerState state, Set<String> goneUids) {
    LedgerState next = state;
    for (PathEntry entry : state.entries()) {
      List<BootTotals> kept = new ArrayList<>(entry.boots());
      kept.removeIf(row -> row.closed() && goneUids.contains(row.podUid()));
      PathEntry left = kept.size() == entry.boots().size() ? entry : entry.withBoots(kept);
      for (BootTotals row : kept) {
        if (!row.closed() && goneUids.contains(row.podUid())) {
          left = left.close(row.lostAll());
        }
      }
      next = next.with(left);
    }
    return next;
  }

  /**
   * Totals of the log, and of gates where they showed more; nothing of the entry but the claims on
   * windows and a limit of a higher generation.
   */
  static LedgerState accept(Anchor anchor, LedgerState entry) {
    LedgerState next = new LedgerState("", anchor.logged().entries(), entry.claims());
    for (Map.Entry<Claimant, Long> claim : anchor.claimed().entrySet()) {
      Claimant who = claim.getKey();
      PathEntry at = next.entry(who.path());
      if (at == null) {
        PathEntry restored = entry.entry(who.path());
        at = new PathEntry(who.path(), 1, restored == null ? 0 : restored.limit(), 0, 0, List.of());
      }
      BootTotals row = at.boot(who.boot());
      if (row == null) {
        row = new BootTotals(who.boot(), who.podUid(), 0, 0, 0, 0, false);
      }
      if (!row.closed() && row.granted() < claim.getValue()) {
        at = at.with(row.grant(claim.getValue() - row.granted()));
      }
      next = next.with(at);
    }
    for (PathEntry at : next.entries()) {
      PathEntry closed = at;
      for (BootTotals row : at.boots()) {
        if (!row.closed()) {
          closed = closed.close(row.lostAll());
        }
      }
      PathEntry restored = entry.entry(at.path());
      if (restored != null && restored.generation() > at.generation()) {
        closed = closed.withLimit(restored.generation(), restored.limit());
      }
      next = next.with(closed);
    }
    return next;
  }
}
