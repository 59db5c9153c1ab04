package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceAnswer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the leader has to do next for one ledger. (quota.md, Order)
 *
 * <p>The order is the safety: compare-and-swap, then log, then answer. A crash after the first
 * leaves a CallLedger that is one change ahead, which the next leader logs before it does anything
 * else; an answer never says more than the log.
 */
public sealed interface Step {

  /**
   * Write {@code next} by compare-and-swap against the CallLedger that was decided on; when that
   * conflicts read it again and decide again. Then append {@code change}, all of it in one batch,
   * and go on with {@link Anchor#appended}; when it is not known whether that was stored the anchor
   * must be read from the log again. Then answer.
   *
   * @param change null when there is nothing that the log has to know
   */
  record Write(LedgerState next, @Nullable LedgerChange change, Reply reply) implements Step {}

  /**
   * Nothing has to be written. {@code heard} holds the spent totals that were told: keep them for
   * {@link LedgerState#withSpent} before the next decision.
   */
  record Unchanged(LedgerState heard, Reply reply) implements Step {}

  /** The CallLedger is one change ahead of the log: append that, then decide again. */
  record Append(LedgerChange change) implements Step {}

  /**
   * The CallLedger says less than the log or than a live gate: {@code LedgerBehindLog}. Serve
   * nothing of this ledger until an administrator accepts.
   *
   * @param anchor to go on with
   * @param why for the condition's message
   */
  record Behind(Anchor anchor, String why) implements Step {}

  /** The boot is settled, or it is another pod's: 409, and nothing was done. */
  record Closed(String why) implements Step {}

  /**
   * What to tell.
   *
   * @param items of this ledger, for the gate
   * @param rates of this ledger, for the gate
   * @param closed boots whose settlement is in the CallLedger once the step is done
   * @param recall pods that hold unspent calls somebody else waits for: send each the event {@code
   *     recall} with the root's cid
   */
  record Reply(
      List<AllowanceAnswer.Item> items,
      List<AllowanceAnswer.Rate> rates,
      List<String> closed,
      Set<String> recall) {
    /** Nothing to tell. */
    public static final Reply NONE = new Reply(List.of(), List.of(), List.of(), Set.of());

    /** Copies. */
    public Reply {
      items = List.copyOf(items);
      rates = List.copyOf(rates);
      closed = List.copyOf(closed);
      recall = Set.copyOf(recall);
    }
  }
}
