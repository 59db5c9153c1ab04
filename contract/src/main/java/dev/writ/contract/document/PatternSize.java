package dev.writ.contract.document;

/**
 * Estimates how many states a pattern compiles to. A delegator chooses patterns, a caller chooses
 * what they are matched against, and matching takes states times characters: both bounds keep a
 * gate from being stopped with one request.
 */
final class PatternSize {
  /** Largest pattern that is taken. */
  static final long MAX_STATES = 20_000;

  /**
   * Most states times characters that one match may take; more fails, as a value that does not
   * match.
   */
  static final long MAX_WORK = 20_000_000;

  private final String pattern;
  private int at;

  private PatternSize(String pattern) {
    this.pattern = pattern;
  }

  /** At least 1, at most a little over {@link #MAX_STATES}: from there on it no longer matters. */
  static long states(String pattern) {
    PatternSize size = new PatternSize(pattern);
    long states = 1;
    while (size.at < pattern.length()) {
      states = bounded(states + size.sequence());
      size.at++;
    }
    return states;
  }

  /** Up to the closing parenthesis, or the end. Its depth is bounded by the length of a pattern. */
  private long sequence() {
    long total = 1;
    while (at < pattern.length() && pattern.charAt(at) != ')') {
      long atom = atom();
      total = bounded(total + bounded(atom * repeat()));
    }
    return total;
  }

  private long atom() {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> characterClass();
      case '\\' -> escape();
      default -> 1;
    };
  }

  private long group() {
    long inner = sequence();
    at++;
    return inner + 2;
  }

  private long escape() {
    long start = at;
    char c = at < pattern.length() ? pattern.charAt(at) : ' ';
    at++;
    if (c == 'Q') {
      int end = pattern.indexOf("\\E", at);
      at = end < 0 ? pattern.length() : end + 2;
    } else if ((c == 'p' || c == 'P' || c == 'x')
        && at < pattern.length()
        && pattern.charAt(at) == '{') {
      int end = pattern.indexOf('}', at);
      at = end < 0 ? pattern.length() : end + 1;
    }
    return at - start;
  }

  /** A bracket right at the start is a member; {@code [:alpha:]} has brackets of its own. */
  private long characterClass() {
    if (at < pattern.length() && pattern.charAt(at) == '^') {
      at++;
    }
    int start = at;
    while (at < pattern.length() && (pattern.charAt(at) != ']' || at == start)) {
      int named = pattern.startsWith("[:", at) ? pattern.indexOf(":]", at + 2) : -1;
      at = named >= 0 ? named + 2 : at + (pattern.charAt(at) == '\\' ? 2 : 1);
    }
    at++;
    return 1;
  }

  /** The largest count of the repetition that stands here, 1 when there is none. */
  private long repeat() {
    if (at >= pattern.length() || pattern.charAt(at) != '{') {
      return 1;
    }
    long largest = 0;
    long current = 0;
    for (int i = at + 1; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c >= '0' && c <= '9') {
        current = bounded(current * 10 + (c - '0'));
      } else if (c == ',') {
        largest = Math.max(largest, current);
        current = 0;
      } else if (c == '}') {
        at = i + 1;
        return Math.max(1, Math.max(largest, current)) + 1;
      } else {
        return 1;
      }
    }
    return 1;
  }

  private static long bounded(long states) {
    return Math.min(states, MAX_STATES + 1);
  }
}
