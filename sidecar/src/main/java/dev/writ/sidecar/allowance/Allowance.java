package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What this boot may still spend under one counted path: three totals since its start, each only
 * ever rising. (quota.md, Totals)
 */
final class Allowance {
  /** What was not spent for so long goes back. */
  static final long IDLE_MILLIS = 5_000;

  /**
   * A grant this young stays when it is recalled: whoever waited for it was told to come back in a
   * second.
   */
  static final long GRACE_MILLIS = 1_500;

  /** How often the ledger hears what was spent, when there is nothing else to say. */
  static final long REPORT_MILLIS = 1_000;

  static final long AGAIN_MILLIS = 500;

  private final String path;
  private final Attempts attempts = new Attempts();
  private final Set<String> leaves = new LinkedHashSet<>();
  private long limit;
  private boolean leaf;
  private long granted;
  private long returned;
  private long spent;

  private long toldReturned;
  private long toldSpent;
  private long toldAt;
  private long newestAnswer = Long.MIN_VALUE;
  private boolean exhausted;
  private long ledgerLimit;
  private long others;

  private boolean lacked;
  private boolean recalled;
  private long lastGrant = Long.MAX_VALUE;
  private long grantedAt;
  private long spentAt;
  private long notBefore = Long.MIN_VALUE;
  private long low = Long.MAX_VALUE;
  private long lowSince;

  /** {@code spent} may be above 0: another chain through this path was counted before. */
  Allowance(String path, long limit, long nowMillis) {
    this.path = path;
    this.limit = limit;
    this.ledgerLimit = limit;
    this.toldAt = nowMillis;
    this.grantedAt = nowMillis;
    this.spentAt = nowMillis;
    this.lowSince = nowMillis;
  }

  String path() {
    return path;
  }

  long available() {
    return granted - returned - spent;
  }

  /** Whether the ledger said that no call is left anywhere. */
  boolean exhausted() {
    return exhausted && available() <= 0;
  }

  long limit() {
    return ledgerLimit;
  }

  /** Used by all boots as far as is known here. */
  long used() {
    return others + spent;
  }

  /** Leaves on whose behalf it is wished for. */
  Set<String> leaves() {
    return leaves;
  }

  /** A call came for the chain that ends at {@code leafPath}. */
  void attempted(String leafPath, long presented, long nowMillis) {
    attempts.add(nowMillis);
    leaf |= leafPath.equals(path);
    limit = presented;
    if (available() > 0) {
      leaves.clear();
    }
    leaves.add(leafPath);
  }

  /** The call could not be admitted for want of this. */
  void lacked() {
    lacked = true;
  }

  /** The counter was raised. */
  void spend(long nowMillis) {
    spent++;
    spentAt = nowMillis;
    low = Math.min(low, available());
  }

  /** Gives back what has lain unspent; the total rises before it is sent. */
  void giveBack(long nowMillis) {
    long here = available();
    if (here <= 0) {
      recalled = false;
      return;
    }
    boolean idle = nowMillis - Math.max(spentAt, grantedAt) >= IDLE_MILLIS;
    if (idle || (recalled && nowMillis - grantedAt >= GRACE_MILLIS)) {
      returned += here;
      recalled = false;
      lowSince = nowMillis;
      low = 0;
    } else if (nowMillis - lowSince >= IDLE_MILLIS) {
      long target = target(nowMillis);
      if (low <= here && low > 2 * target) {
        returned += low - target;
      }
      lowSince = nowMillis;
      low = available();
    }
  }

  /**
   * The ledger takes something here for unspent: that goes back, or the ledger hears again what was
   * spent, which it may have lost with a leader.
   */
  void recall() {
    recalled = true;
    toldSpent = -1;
  }

  /** Looks again whether calls are left: the limit may have been raised. */
  void reopen() {
    exhausted = false;
    toldSpent = -1;
    notBefore = Long.MIN_VALUE;
  }

  /** Whether it has something to say or to ask now. */
  boolean pressing(long nowMillis) {
    if (nowMillis < notBefore) {
      return false;
    }
    return wants(nowMillis)
        || returned != toldReturned
        || (spent != toldSpent && nowMillis - toldAt >= REPORT_MILLIS);
  }

  private boolean wants(long nowMillis) {
    long here = available();
    if (here <= 0) {
      return lacked;
    }
    // When calls come one by one the rest must not lie here while another gate needs it.
    return lastGrant > 1 && here <= target(nowMillis) / 2 && !recalled;
  }

  /** About two seconds of what comes. */
  private long target(long nowMillis) {
    return Math.max(1, attempts.recent(nowMillis));
  }

  AllowanceRequest.Item item(long nowMillis) {
    long need =
        wants(nowMillis) ? Math.max(granted, spent + returned + target(nowMillis)) : granted;
    return new AllowanceRequest.Item(path, limit, need, returned, spent, leaf);
  }

  /** Takes the maximum, so that it does not matter how often and in which order answers come. */
  void answered(
      AllowanceAnswer.Item answer, AllowanceRequest.Item asked, long sentMillis, long nowMillis) {
    toldReturned = Math.max(toldReturned, asked.returned());
    toldSpent = Math.max(toldSpent, asked.spent());
    if (answer.granted() > granted) {
      lastGrant = answer.granted() - granted;
      granted = answer.granted();
      grantedAt = nowMillis;
      lowSince = nowMillis;
      low = available();
    }
    if (sentMillis >= newestAnswer) {
      newestAnswer = sentMillis;
      toldAt = nowMillis;
      exhausted = answer.exhausted();
      ledgerLimit = answer.limit();
      others = answer.others();
      again(nowMillis);
    }
  }

  /** The ledger did not answer for this path. */
  void unanswered(long nowMillis) {
    again(nowMillis);
  }

  private void again(long nowMillis) {
    boolean here = available() > 0;
    lacked &= !here;
    notBefore = here ? Long.MIN_VALUE : nowMillis + (exhausted ? REPORT_MILLIS : AGAIN_MILLIS);
  }
}
