package dev.writ.audit;

/** The id of one start of a gate, in records and counts: not the challenge's boot id. */
public final class Boot {
  private static final int LENGTH = 16;

  private Boot() {}

  /** Whether {@code text} is 16 lower-case hex digits: also what makes it safe as a file name. */
  public static boolean isValid(String text) {
    return text.length() == LENGTH
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }
}
