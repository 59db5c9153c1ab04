package dev.writ.sidecar;

import dev.writ.contract.verify.Moment;

/** The clocks of the process, given by {@code main}. Thread-safe. */
public interface Time {
  /** Both clocks now. */
  Moment moment();

  /** Wall clock, milliseconds since the epoch. */
  long epochMillis();

  /** Monotonic clock, nanoseconds since any point. */
  long nanos();
}
