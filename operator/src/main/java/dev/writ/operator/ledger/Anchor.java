package dev.writ.operator.ledger;

import java.util.HashMap;
import java.util.Map;

/**
 * What the leader knows about one ledger besides the CallLedger itself, in its memory: the totals
 * of the log, and what gates claim to have been granted. Nothing is granted from a CallLedger that
 * says less. (quota.md, Leaders and backups)
 *
 * @param logged what the log says, replayed by {@link #appended}
 * @param claimed by path and boot, totals that a live gate showed and the CallLedger did not have:
 *     etcd and the log were restored together
 */
public record Anchor(LedgerState logged, Map<Claimant, Long> claimed) {
  /** Nothing is in the log about this ledger. */
  public static final Anchor EMPTY = new Anchor(LedgerState.EMPTY, Map.of());

  /** Copies. */
  public Anchor {
    claimed = Map.copyOf(claimed);
  }

  /** A boot under a path. */
  public record Claimant(String path, String boot, String podUid) {}

  /** How a CallLedger stands to its log. */
  public enum Standing {
    /** Both say the same. */
    EQUAL,
    /** The CallLedger is one change ahead: its writer died before it could log it. */
    AHEAD,
    /** The CallLedger was restored or edited: nothing may be granted from it. */
    BEHIND
  }

  /** Compares, at every decision and not only at the start. */
  public Standing standing(LedgerState entry) {
    if (!claimed.isEmpty()) {
      return Standing.BEHIND;
    }
    String known = logged.fingerprint();
    if (entry.fingerprint().equals(known)) {
      return Standing.EQUAL;
    }
    return entry.previous().equals(known) && !entry.entries().isEmpty()
        ? Standing.AHEAD
        : Standing.BEHIND;
  }

  /** What holds once the log has, durably, what led to {@code written}. */
  public Anchor appended(LedgerState written) {
    return new Anchor(written, claimed);
  }

  /** Reads the log at the start of a leader, change by change in the order of the log. */
  public Anchor replayed(LedgerChange change) {
    return new Anchor(change.applyTo(logged), claimed);
  }

  /** The same after an administrator accepted what {@link Ledger#accept} made. */
  public Anchor accepted(LedgerState written) {
    return new Anchor(written, Map.of());
  }

  Anchor claim(Claimant who, long granted) {
    Map<Claimant, Long> next = new HashMap<>(claimed);
    next.merge(who, granted, Math::max);
    return new Anchor(logged, next);
  }
}
