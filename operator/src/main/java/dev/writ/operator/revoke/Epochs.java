package dev.writ.operator.revoke;

import java.time.Clock;

/**
 * Numbers the changes that sidecars confirm: strictly rising, over restarts too, since it follows
 * the clock wherever the clock is ahead. (Control API, {@code epoch})
 */
public final class Epochs {
  private final Clock clock;
  private long last;

  /** Every number given out is above {@code floor}. */
  public Epochs(Clock clock, long floor) {
    this.clock = clock;
    last = floor;
  }

  /** The next number. */
  public synchronized long next() {
    last = Math.max(last + 1, clock.millis());
    return last;
  }

  /** The last number given out. */
  public synchronized long current() {
    return last;
  }
}
