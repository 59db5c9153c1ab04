package dev.writ.contract.verify;

import java.util.List;
import java.util.Random;

/** Small random changes to a text. */
public final class Mutations {
  private static final List<String> BITS =
      List.of(
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "0",
          "-",
          "1e9",
          "9".repeat(30),
          "null",
          "true",
          "\\u0000",
          "\\ud800",
          "\u00ff",
          "\u00c0\u0080",
          "%",
          "%2f",
          "%2e",
          "..",
          "/",
          ";",
          "=",
          ".",
          ", ",
          " ; ",
          " ",
          "\t",
          "\r\n",
          "\0",
          "{1000}",
          "(",
          ")",
          "?",
          "A",
          "_");

  private Mutations() {}

  /** One to four changes. */
  public static String of(Random random, String text) {
    StringBuilder changed = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0; i--) {
      change(random, changed);
    }
    return changed.toString();
  }

  private static void change(Random random, StringBuilder text) {
    int at = text.isEmpty() ? 0 : random.nextInt(text.length() + 1);
    int end = Math.min(text.length(), at + 1 + random.nextInt(8));
    switch (random.nextInt(6)) {
      case 0 -> text.insert(at, BITS.get(random.nextInt(BITS.size())));
      case 1 -> text.delete(at, end);
      case 2 -> text.insert(at, text.substring(at, end));
      case 3 -> text.setLength(at);
      case 4 ->
          text.replace(at, Math.min(text.length(), at + 1), BITS.get(random.nextInt(BITS.size())));
      default -> text.insert(at, (char) random.nextInt(256));
    }
  }
}
