package dev.writ.contract.verify;

import java.util.Random;

/**
 * Seeds of random tests: fixed unless {@code -Dwrit.seed=N} asks for another; always printed in the
 * failure.
 */
public final class Seeds {
  private static final long DEFAULT = 20_261_122L;

  private Seeds() {}

  /** The seed of this run. */
  public static long seed() {
    return Long.getLong("writ.seed", DEFAULT);
  }

  /** How many inputs: {@code -Dwrit.fuzz=1000000} asks for more. */
  public static int inputs(int unlessAsked) {
    return Integer.getInteger("writ.fuzz", unlessAsked);
  }

  /** The source of randomness of this run. */
  public static Random random() {
    return new Random(seed());
  }
}
