package dev.writ.sidecar.allowance;

/** Calls admitted by this boot on one chain, where the death of the process does not lose them. */
public interface SpentCounter {
  /** Calls so far. */
  long value();

  /**
   * Adds one call by one compare-and-set, and only if {@code value} is still the value. After it
   * returned true a crash loses the call, never the count.
   */
  boolean raise(long value);
}
