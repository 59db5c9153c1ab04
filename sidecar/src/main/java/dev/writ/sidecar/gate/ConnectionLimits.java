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
 * @param leavingNanos the same, once the pod leaves: who calls on in time is asked to move on, the
 *     others must not find a connection open to an app that has ended (R16)
 */
record ConnectionLimits(
    LongSupplier clock, long headNanos, long bodyNanos, long idleNanos, long leavingNanos) {
  static ConnectionLimits standard(LongSupplier clock) {
    return new ConnectionLimits(
        clock,
        TimeUnit.SECONDS.toNanos(10),
        TimeUnit.SECONDS.toNanos(60),
        TimeUnit.SECONDS.toNanos(300),
        // Longer than our own helper uses an idle connection, so that its calls do not meet this
        // end; those that were idle before are over within the five seconds that apps commonly
        // stay.
        TimeUnit.SECONDS.toNanos(3));
  }

  long nanos() {
    return clock.getAsLong();
  }

  /** Between an answer and the next request. */
  long idleNanos(boolean leaving) {
    return leaving ? leavingNanos : idleNanos;
  }
}
