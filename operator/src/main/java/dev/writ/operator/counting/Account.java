package dev.writ.operator.counting;

import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.counting.LedgerStore.Stored;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.Anchor;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import dev.writ.operator.ledger.RateWindows;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What this process remembers of one ledger. All but {@link #totals} belongs to whoever holds the
 * lock.
 */
final class Account {
  private static final int TOKEN = 12;

  final String cid;
  final Place place;
  final ReentrantLock lock = new ReentrantLock();
  final RateWindows windows;

  /** As it was read or written last, null when it must be read before the next decision. */
  @Nullable Stored stored;

  /** Spent totals that gates told since the last write. */
  LedgerState heard = LedgerState.EMPTY;

  /** What live gates showed and the ledger did not have. */
  Map<Anchor.Claimant, Long> claimed = Map.of();

  private @Nullable String behind;
  private volatile CallTotals totals = CallTotals.NONE;

  Account(String cid, Place place, String leader) {
    this.cid = cid;
    this.place = place;
    this.windows = new RateWindows(leader);
  }

  LedgerState state() {
    Stored known = stored;
    return known == null ? LedgerState.EMPTY : known.state().withSpent(heard);
  }

  boolean isEmpty() {
    Stored known = stored;
    return known == null || known.state().equals(LedgerState.EMPTY);
  }

  /** Nothing is served until an administrator accepts; says what has to be written to do so. */
  void behind(LedgerState logged) {
    String fingerprint = logged.fingerprint();
    String token =
        fingerprint.isEmpty()
            ? "none"
            : fingerprint.substring(0, Math.min(TOKEN, fingerprint.length()));
    long shown = claimed.values().stream().mapToLong(Long::longValue).sum();
    behind = claimed.isEmpty() ? token : token + "." + shown;
    totals = sum(logged);
  }

  @Nullable String behind() {
    return behind;
  }

  /** The ledger stands well, as {@link #state} says. Returns whether its totals are news. */
  boolean well() {
    behind = null;
    CallTotals next = sum(state());
    boolean news = !next.equals(totals);
    totals = next;
    return news;
  }

  private CallTotals sum(LedgerState state) {
    PathEntry root = state.entry(cid);
    if (root == null) {
      return new CallTotals(0, 0, 0, behind);
    }
    long held = root.boots().stream().mapToLong(BootTotals::unspent).sum();
    return new CallTotals(root.knownUsed(), held, root.stranded(), behind);
  }

  CallTotals totals() {
    return totals;
  }

  /** Pods with rows, open or closed. */
  Set<String> podUids() {
    Set<String> uids = new HashSet<>();
    state().entries().forEach(entry -> entry.boots().forEach(row -> uids.add(row.podUid())));
    return uids;
  }

  /** Boots of a pod that are not closed; takes the lock. */
  Set<String> openLocked(String podUid) {
    Set<String> boots = new HashSet<>();
    lock.lock();
    try {
      for (PathEntry entry : state().entries()) {
        for (BootTotals row : entry.boots()) {
          if (!row.closed() && row.podUid().equals(podUid)) {
            boots.add(row.boot());
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return boots;
  }
}
