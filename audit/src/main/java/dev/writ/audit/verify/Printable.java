package dev.writ.audit.verify;

/**
 * Text from records made safe to print: they hold what callers sent, terminal commands included.
 */
public final class Printable {
  private Printable() {}

  /** The text with everything that is not plainly visible replaced, cut after {@code max} units. */
  public static String of(String text, int max) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), max));
    text.codePoints().limit(max).forEach(c -> shown.appendCodePoint(isVisible(c) ? c : 0xfffd));
    return text.codePointCount(0, text.length()) > max
        ? shown.append('…').toString()
        : shown.toString();
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
