package dev.writ.contract.document;

/**
 * Bounds what nested repetitions of a pattern can grow to: a delegator chooses patterns, and {@code
 * ((a{1000}){1000}} would compile to a million states. The bound is coarse: the product of all
 * counts that could nest.
 */
final class Repeats {
  private static final long MAX_STATES = 100_000;

  private Repeats() {}

  /** Whether the product of all counted repetitions, times the length, passes the bound. */
  static boolean tooMany(String pattern) {
    long states = Math.max(1, pattern.length());
    for (int at = pattern.indexOf('{'); at >= 0; at = pattern.indexOf('{', at + 1)) {
      long count = largest(pattern, at + 1);
      states *= Math.max(1, count);
      if (states > MAX_STATES) {
        return true;
      }
    }
    return false;
  }

  /** The largest number between the braces; 0 when it is no repetition. */
  private static long largest(String pattern, int from) {
    long largest = 0;
    long current = 0;
    for (int i = from; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c >= '0' && c <= '9') {
        current = Math.min(current * 10 + (c - '0'), MAX_STATES);
      } else if (c == ',') {
        largest = Math.max(largest, current);
        current = 0;
      } else {
        return c == '}' ? Math.max(largest, current) : 0;
      }
    }
    return 0;
  }
}
