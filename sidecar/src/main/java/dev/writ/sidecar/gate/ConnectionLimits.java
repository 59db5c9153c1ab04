package dev.writ.sidecar.gate;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long a connection may take over what it owes us. An answer may take as long as the app likes.
 *
 * @param clock monotonic, nanoseconds
 * @param headNanos from the first byte of a head to its end
 * @param bodyNanos from the first byte of a head to the end of the body
 * @param idleNanos between an answer and the next request
 */
record ConnectionLimits(LongSupplier clock, long headNanos, long bodyNanos, long idleNanos) {
  static ConnectionLimits standard(LongSupplier clock) {
    return new ConnectionLimits(
        clock,
        TimeUnit.SECONDS.toNanos(10),
        TimeUnit.SECONDS.toNanos(60),
        TimeUnit.SECONDS.toNanos(300));
  }

  long nanos() {
    return clock.getAsLong();
  }
}
