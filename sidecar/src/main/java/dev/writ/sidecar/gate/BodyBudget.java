package dev.writ.sidecar.gate;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for bodies that are being read, over all loops: holders of contracts must not be able to
 * fill the heap together.
 */
final class BodyBudget {
  private final AtomicLong left;

  /**
   * A budget.
   *
   * @param bytes for all bodies together
   */
  BodyBudget(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  /** Takes so many bytes, or none. */
  boolean take(long bytes) {
    long now = left.addAndGet(-bytes);
    if (now >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  void give(long bytes) {
    left.addAndGet(bytes);
  }
}
