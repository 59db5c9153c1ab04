package dev.writ.sidecar.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for what was taken from one peer and could not be given to the other yet, over all event
 * loops. Together they hold less than twice {@link #bytes}: a loop that holds less than its share
 * is never refused because others hold more, else whoever fills one loop would starve the rest.
 */
public final class FlowMemory {
  private final long bytes;
  private final long share;
  private final AtomicLong held = new AtomicLong();

  /**
   * A bound.
   *
   * @param bytes that the loops may hold together
   * @param loops how many share it
   */
  public FlowMemory(long bytes, int loops) {
    this.bytes = bytes;
    this.share = bytes / loops;
  }

  /** A window of HTTP/2 that all flows together cannot use up, bytes. */
  public int window() {
    return (int) Math.min(2 * bytes, 1 << 30);
  }

  /** What the loops may hold together, before their shares. */
  public long bytes() {
    return bytes;
  }

  /** What they hold, for a metric. */
  public long held() {
    return held.get();
  }

  /**
   * Takes so many bytes, or none.
   *
   * @param own what the loop holds already
   */
  boolean take(long wanted, long own) {
    if (held.addAndGet(wanted) <= bytes || own + wanted <= share) {
      return true;
    }
    held.addAndGet(-wanted);
    return false;
  }

  void give(long taken) {
    held.addAndGet(-taken);
  }
}
