package dev.writ.sidecar.control;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling with jitter, so that a thousand sidecars do
 * not return at once. Not thread-safe.
 */
final class Backoff {
  private final RandomGenerator random;
  private final long firstMs;
  private final long maxMs;
  private long nextMs;

  Backoff(RandomGenerator random, long firstMs, long maxMs) {
    this.random = random;
    this.firstMs = firstMs;
    this.maxMs = maxMs;
    this.nextMs = firstMs;
  }

  /** Milliseconds to wait after one more failure: between half and all of the current step. */
  long next() {
    long step = nextMs;
    nextMs = Math.min(maxMs, step * 2);
    return step / 2 + random.nextLong(step / 2 + 1);
  }

  /** An attempt succeeded. */
  void reset() {
    nextMs = firstMs;
  }
}
