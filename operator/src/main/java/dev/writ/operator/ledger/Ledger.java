package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.CounterPath;
import dev.writ.operator.ledger.Anchor.Claimant;
import dev.writ.operator.ledger.Anchor.Standing;
import dev.writ.operator.ledger.Step.Reply;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one message or event does to one CallLedger. Pure: the caller writes, logs and answers as
 * the {@link Step} says, and decides again after a conflict. (quota.md, Totals to Leaders and
 * backups)
 */
public final class Ledger {
  private Ledger() {}

  /**
   * A gate tells and asks.
   *
   * @param anchor of this ledger
   * @param entry the CallLedger as it was read, {@link LedgerState#EMPTY} when there is none and
   *     the anchor knows of none
   * @param root the capability, perhaps stale
   * @param windows the leader's memory of rates
   * @param epochMillis the leader's clock
   */
  public static Step ask(
      Anchor anchor,
      LedgerState entry,
      RootLimit root,
      RateWindows windows,
      long epochMillis,
      Ask ask) {
    Step first = standing(anchor, entry);
    if (first != null) {
      return first;
    }
    String refusal = refusal(entry, ask);
    if (refusal != null) {
      return new Step.Closed(refusal);
    }
    Anchor ahead = gateAhead(anchor, entry, ask);
    if (!ahead.claimed().equals(anchor.claimed())) {
      return new Step.Behind(ahead, "boot " + ask.boot() + " was granted more than the ledger has");
    }
    LedgerState next = Settlement.apply(limited(entry, root), root, ask);
    List<String> closed =
        ask.settled().stream().map(AllowanceRequest.Settled::boot).distinct().toList();
    if (isClosed(next, ask.boot())) {
      return step(entry, next, new Reply(List.of(), List.of(), closed, Set.of()));
    }
    Grants grants = new Grants(next, root, ask);
    next = grants.apply();
    RateWindows.Served rates = windows.serve(next, ask, epochMillis);
    return step(
        entry,
        rates.state(),
        new Reply(grants.answers(), rates.answers(), closed, grants.recall()));
  }

  /**
   * Boots of pods that are gone, by UID: what they held is counted as used; a boot that was closed
   * before is forgotten. (quota.md, Crashes)
   */
  public static Step sweep(Anchor anchor, LedgerState entry, Set<String> goneUids) {
    Step first = standing(anchor, entry);
    return first != null ? first : step(entry, Settlement.sweep(entry, goneUids), Reply.NONE);
  }

  /** The capability was edited. */
  public static Step limit(Anchor anchor, LedgerState entry, RootLimit root) {
    Step first = standing(anchor, entry);
    if (first != null) {
      return first;
    }
    LedgerState next = limited(entry, root);
    return step(entry, next, new Reply(List.of(), List.of(), List.of(), overdrawn(next)));
  }

  /**
   * An administrator accepts what the log says, whatever the CallLedger says: totals and limits
   * come from the log, and all that was granted counts as used. Always a write; every open boot is
   * closed by it. Go on with {@link Anchor#accepted}. (quota.md, Leaders and backups)
   */
  public static Step.Write accept(Anchor anchor, LedgerState entry) {
    LedgerState next = Settlement.accept(anchor, entry);
    LedgerChange change = LedgerChange.between(anchor.logged(), next);
    return new Step.Write(next.after(anchor.logged().fingerprint()), change, Reply.NONE);
  }

  /**
   * Pods that hold unspent calls of entries whose limit is below what is out: they are recalled,
   * and the edit is programmed when this is empty. (quota.md, Lowering a limit)
   */
  public static Set<String> overdrawn(LedgerState state) {
    Set<String> pods = new TreeSet<>();
    for (PathEntry entry : state.entries()) {
      if (entry.remaining() < 0) {
        entry.boots().stream()
            .filter(row -> row.unspent() > 0)
            .forEach(row -> pods.add(row.podUid()));
      }
    }
    return pods;
  }

  private static @Nullable Step standing(Anchor anchor, LedgerState entry) {
    Standing standing = anchor.standing(entry);
    return switch (standing) {
      case EQUAL -> null;
      case AHEAD -> {
        LedgerChange change = LedgerChange.between(anchor.logged(), entry);
        yield change == null ? behind(anchor) : new Step.Append(change);
      }
      case BEHIND -> behind(anchor);
    };
  }

  private static Step behind(Anchor anchor) {
    return new Step.Behind(
        anchor,
        anchor.claimed().isEmpty()
            ? "the CallLedger does not say what the log says: it was restored or edited"
            : "a gate was granted more than ledger and log have: both were restored");
  }

  private static @Nullable String refusal(LedgerState entry, Ask ask) {
    boolean ends = ask.settled().stream().anyMatch(one -> one.boot().equals(ask.boot()));
    for (PathEntry path : entry.entries()) {
      BootTotals row = path.boot(ask.boot());
      if (row != null && !row.podUid().equals(ask.podUid())) {
        return "boot " + ask.boot() + " is another pod's";
      }
      if (row != null && row.closed() && !ends) {
        return "boot " + ask.boot() + " is settled";
      }
      for (AllowanceRequest.Settled settled : ask.settled()) {
        BootTotals old = path.boot(settled.boot());
        if (old != null && !old.podUid().equals(ask.podUid())) {
          return "boot " + settled.boot() + " is another pod's";
        }
      }
    }
    return null;
  }

  /**
   * A gate never spends or gives back what it was not granted: totals above the entry's show that
   * entry and log were restored together.
   */
  private static Anchor gateAhead(Anchor anchor, LedgerState entry, Ask ask) {
    Anchor next = anchor;
    for (AllowanceRequest.Item item : ask.items()) {
      next =
          ahead(next, entry, item.path(), ask.boot(), ask.podUid(), item.returned() + item.spent());
    }
    for (AllowanceRequest.Settled settled : ask.settled()) {
      for (PathEntry path : entry.entries()) {
        long spent = Settlement.spent(settled, path.path());
        next = ahead(next, entry, path.path(), settled.boot(), ask.podUid(), spent);
      }
    }
    return next;
  }

  private static Anchor ahead(
      Anchor anchor, LedgerState entry, String path, String boot, String podUid, long shown) {
    PathEntry at = entry.entry(path);
    BootTotals row = at == null ? null : at.boot(boot);
    if ((row != null && row.closed()) || shown <= (row == null ? 0 : row.granted())) {
      return anchor;
    }
    return anchor.claim(new Claimant(path, boot, podUid), shown);
  }

  private static boolean isClosed(LedgerState state, String boot) {
    for (PathEntry entry : state.entries()) {
      BootTotals row = entry.boot(boot);
      if (row != null && row.closed()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Only a higher generation replaces the limit: a leader with a stale cache writes nothing back.
   */
  private static LedgerState limited(LedgerState state, RootLimit root) {
    LedgerState next = state;
    for (PathEntry entry : state.entries()) {
      if (CounterPath.isRoot(entry.path())
          && root.calls() != null
          && root.generation() > entry.generation()) {
        next = next.with(entry.withLimit(root.generation(), root.calls()));
      }
    }
    return next;
  }

  private static Step step(LedgerState before, LedgerState after, Reply reply) {
    String known = before.fingerprint();
    if (!known.equals(after.fingerprint())) {
      return new Step.Write(after.after(known), LedgerChange.between(before, after), reply);
    }
    return unwritten(before, after)
        ? new Step.Write(after, null, reply)
        : new Step.Unchanged(after, reply);
  }

  /**
   * Spent totals alone are not worth a write: they ride along with the next, which comes with the
   * next grant. But a boot that has spent all it had may never ask again.
   */
  private static boolean unwritten(LedgerState before, LedgerState after) {
    if (!before.claims().equals(after.claims())) {
      return true;
    }
    for (PathEntry entry : after.entries()) {
      PathEntry old = before.entry(entry.path());
      if (old == null || old.boots().size() != entry.boots().size()) {
        return true;
      }
      for (BootTotals row : entry.boots()) {
        BootTotals was = old.boot(row.boot());
        if (was == null || was.closed() != row.closed()) {
          return true;
        }
        if (was.spent() != row.spent() && row.unspent() == 0) {
          return true;
        }
      }
    }
    return false;
  }
}
