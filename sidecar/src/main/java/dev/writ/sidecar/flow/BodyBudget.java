package dev.writ.sidecar.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for bodies that are being read, over all loops: callers must not be able to fill the heap
 * together.
 */
public final class BodyBudget {
  private final long bytes;
  private final AtomicLong left;

  /**
   * A budget.
   *
   * @param bytes for all bodies together
   */
  public BodyBudget(long bytes) {
    this.bytes = bytes;
    this.left = new AtomicLong(bytes);
  }

  private boolean take(long bytes) {
    long now = left.addAndGet(-bytes);
    if (now >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  /** What is taken, for a metric. */
  public long held() {
    return bytes - left.get();
  }

  private void give(long bytes) {
    left.addAndGet(bytes);
  }

  /** What one call holds of it: nothing yet. */
  public Part part() {
    return new Part();
  }

  /** What one call holds. Belongs to one event loop. */
  public final class Part {
    private long held;

    private Part() {}

    /** Takes so many bytes more, or none. */
    public boolean take(long wanted) {
      boolean taken = BodyBudget.this.take(wanted);
      held += taken ? wanted : 0;
      return taken;
    }

    /** Gives so many of them back. */
    public void give(long bytes) {
      held -= bytes;
      BodyBudget.this.give(bytes);
    }

    /** Gives back all of them. */
    public void close() {
      give(held);
    }
  }
}
