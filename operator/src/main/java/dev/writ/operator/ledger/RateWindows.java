package dev.writ.operator.ledger;

import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest.Rate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one leader granted of rates in the present windows of one ledger: in its memory alone, which
 * is why it claims a window in the CallLedger first. Not thread-safe. (quota.md, Rates and
 * concurrency)
 */
public final class RateWindows {
  private final String leader;
  private final Map<String, Window> windows = new HashMap<>();
  private long clock;

  /**
   * Nothing is granted yet.
   *
   * @param leader unique for each of these objects: never a name that a restarted process has again
   */
  public RateWindows(String leader) {
    this.leader = leader;
  }

  /** The present window of one path. */
  private static final class Window {
    final long start;
    final long seconds;
    long calls;
    final Map<String, Long> granted = new HashMap<>();

    Window(long start, long seconds, long calls) {
      this.start = start;
      this.seconds = seconds;
      this.calls = calls;
    }

    long remaining() {
      return calls - granted.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** What was granted, and the state with the claims that must be written before it is told. */
  record Served(LedgerState state, List<AllowanceAnswer.Rate> answers) {}

  Served serve(LedgerState state, Ask ask, long epochMillis) {
    // A clock that goes back must not open a window again of which the memory is gone.
    clock = Math.max(clock, epochMillis);
    windows.values().removeIf(old -> (old.start + old.seconds) * 1000 <= clock);
    LedgerState next = state;
    List<AllowanceAnswer.Rate> answers = new ArrayList<>(ask.rates().size());
    for (Rate rate : ask.rates()) {
      long now = Math.floorDiv(clock, 1000L);
      long start = now - Math.floorMod(now, rate.seconds());
      long remaining = (start + rate.seconds()) * 1000 - clock;
      RateClaim claim = next.claim(rate.seconds());
      if (claim == null || claim.start() < start) {
        claim = new RateClaim(rate.seconds(), start, leader);
        next = next.with(claim);
      }
      boolean ours = claim.start() == start && claim.leader().equals(leader);
      answers.add(
          ours
              ? grant(rate, start, remaining, ask)
              : new AllowanceAnswer.Rate(rate.path(), start, 0, remaining, WindowState.CLAIMED));
    }
    return new Served(next, answers);
  }

  /**
   * Totals again: what is granted twice for one request, because the write had a conflict, is
   * granted once.
   */
  private AllowanceAnswer.Rate grant(Rate rate, long start, long remainingMillis, Ask ask) {
    Window window = windows.get(rate.path());
    if (window == null || window.start != start || window.seconds != rate.seconds()) {
      window = new Window(start, rate.seconds(), rate.calls());
      windows.put(rate.path(), window);
    }
    window.calls = Math.min(window.calls, rate.calls());
    long had = window.granted.getOrDefault(ask.boot(), 0L);
    // A wish that counts from another window says nothing about this one: the gate asks again.
    long wanted = rate.window() == 0 || rate.window() == start ? rate.need() - had : 0;
    long more = Grants.share(window.remaining(), wanted, ask.replicas());
    if (more > 0) {
      window.granted.put(ask.boot(), had + more);
    }
    return new AllowanceAnswer.Rate(
        rate.path(),
        start,
        had + more,
        remainingMillis,
        window.remaining() > 0 ? WindowState.OPEN : WindowState.FULL);
  }
}
