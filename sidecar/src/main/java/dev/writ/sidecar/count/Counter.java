package dev.writ.sidecar.count;

import java.util.List;

/**
 * Admits calls within the limits of every block of a chain. Thread-safe, no I/O. (protocol.md,
 * section 4, step 12)
 */
public interface Counter {
  /**
   * Tries to spend one call on all blocks, or on none: concurrency, then rate, then calls.
   *
   * @param blocks the chain, root first
   * @param epochSeconds wall clock
   */
  Admission spend(List<Block> blocks, long epochSeconds);

  /**
   * Runs the task once, soon after more may have been granted, on any thread. It may also never
   * run: the caller keeps a bound of its own. Worth it after {@code QUOTA_UNAVAILABLE} alone.
   *
   * @return false when there is nothing to wait for; then it does not run
   */
  boolean later(Runnable task);
}
