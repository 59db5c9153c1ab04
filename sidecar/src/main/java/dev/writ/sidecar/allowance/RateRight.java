package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.sidecar.count.Block.Window;

/**
 * What this boot may spend of one path's rate in the present window. It ends at the moment the
 * request was sent plus what remained of the window then: the ledger's clock and the way there and
 * back are not trusted. (quota.md, Rates and concurrency)
 */
final class RateRight {
  private static final long AGAIN_MILLIS = 200;

  private final String path;
  private final Attempts attempts = new Attempts();
  private Window rate;
  private long window;
  private long granted;
  private long spent;
  private long deadline = Long.MIN_VALUE;
  private WindowState state = WindowState.OPEN;
  private boolean lacked;
  private long notBefore = Long.MIN_VALUE;

  RateRight(String path, Window rate) {
    this.path = path;
    this.rate = rate;
  }

  String path() {
    return path;
  }

  void attempted(Window presented, long nowMillis) {
    rate = presented;
    attempts.add(nowMillis);
  }

  boolean has(long nowMillis) {
    return nowMillis < deadline && granted > spent;
  }

  /** Debits first; then the caller reads the clock again and asks {@link #inTime}. */
  void spend() {
    spent++;
  }

  boolean inTime(long nowMillis) {
    return nowMillis < deadline;
  }

  void lacked() {
    lacked = true;
  }

  /** Whether all of this window was granted, here or elsewhere. */
  boolean full(long nowMillis) {
    return nowMillis < deadline && state == WindowState.FULL && granted <= spent;
  }

  long limit() {
    return rate.calls();
  }

  /** Milliseconds until there may be calls again. */
  long millisLeft(long nowMillis) {
    return Math.max(0, deadline - nowMillis);
  }

  boolean pressing(long nowMillis) {
    if (nowMillis < notBefore) {
      return false;
    }
    boolean valid = nowMillis < deadline;
    long here = valid ? granted - spent : 0;
    if (here <= 0) {
      return lacked && !full(nowMillis);
    }
    return state == WindowState.OPEN && here <= target(nowMillis) / 2;
  }

  private long target(long nowMillis) {
    return Math.max(1, Math.min(rate.calls(), attempts.recent(nowMillis)));
  }

  AllowanceRequest.Rate item(long nowMillis) {
    boolean valid = nowMillis < deadline;
    return new AllowanceRequest.Rate(
        path,
        rate.calls(),
        rate.seconds(),
        valid ? window : 0,
        (valid ? spent : 0) + target(nowMillis));
  }

  void answered(AllowanceAnswer.Rate answer, long sentMillis, long nowMillis) {
    if (answer.window() < window || answer.state() == WindowState.CLAIMED) {
      notBefore = nowMillis + AGAIN_MILLIS;
      return;
    }
    if (answer.window() > window) {
      window = answer.window();
      granted = 0;
      spent = 0;
      deadline = Long.MIN_VALUE;
    }
    granted = Math.max(granted, answer.granted());
    deadline = Math.max(deadline, sentMillis + answer.remainingMillis());
    state = answer.state();
    boolean here = has(nowMillis);
    lacked &= !here;
    notBefore = here || answer.granted() == 0 ? Long.MIN_VALUE : nowMillis + AGAIN_MILLIS;
  }

  void unanswered(long nowMillis) {
    notBefore = nowMillis + AGAIN_MILLIS;
  }
}
