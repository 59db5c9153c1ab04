package dev.writ.sidecar.scan;

/**
 * How fast connections are begun. One that nobody answers stays in the connection table of the node
 * for two minutes, one that is answered for seconds: most of what it took is given back. Not
 * thread-safe.
 */
final class Pace {
  private static final double GIVEN_BACK = 0.9;
  private static final double NANOS = 1e9;

  private final int perSecond;
  private final double burst;
  private double tokens;
  private long last;

  /**
   * Begins full.
   *
   * @param perSecond connections that nobody answers
   * @param nanos now
   */
  Pace(int perSecond, long nanos) {
    this.perSecond = perSecond;
    // A tenth of a second: what a thread that was not run for a moment may catch up on.
    this.burst = Math.max(1, perSecond / 10.0);
    this.tokens = burst;
    this.last = nanos;
  }

  /** Whether one more may be begun now; then it counts. */
  boolean take(long nanos) {
    tokens = Math.min(burst, tokens + (nanos - last) / NANOS * perSecond);
    last = nanos;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }

  /** One was answered, if only with a refusal. */
  void answered() {
    tokens = Math.min(burst, tokens + GIVEN_BACK);
  }
}
