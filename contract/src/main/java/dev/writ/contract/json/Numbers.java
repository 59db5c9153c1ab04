package dev.writ.contract.json;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonNumber;
import java.math.BigDecimal;
import java.util.Optional;

/** The grammar of JSON numbers (RFC 8259, section 6), with bounds. */
public final class Numbers {
  private static final int MAX_DIGITS = 1_000;
  private static final int MAX_EXPONENT_DIGITS = 9;
  private static final BigDecimal MAX_INTEGER = BigDecimal.valueOf((1L << 53) - 1);

  private Numbers() {}

  /**
   * The value of a text that is a JSON number and nothing else, else empty: for query and path
   * values.
   */
  public static Optional<BigDecimal> of(String text) {
    try {
      return Optional.of(parse(text, false).value());
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  static JsonNumber parse(String text, boolean document) throws MalformedException {
    int at = text.startsWith("-") ? 1 : 0;
    int whole = digits(text, at);
    if (whole == 0 || (whole > 1 && text.charAt(at) == '0')) {
      throw new MalformedException("JSON: not a number");
    }
    at += whole;
    int fraction = 0;
    boolean point = at < text.length() && text.charAt(at) == '.';
    if (point) {
      fraction = digits(text, at + 1);
      at += 1 + fraction;
    }
    boolean exponent = at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E');
    int power = 1;
    if (exponent) {
      at++;
      if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      power = digits(text, at);
      at += power;
    }
    if (at != text.length() || (point && fraction == 0) || power == 0) {
      throw new MalformedException("JSON: not a number");
    }
    return bounded(
        text, whole + fraction, power, !point && !exponent, exponent && document, document);
  }

  private static JsonNumber bounded(
      String text, int digits, int power, boolean integer, boolean exponent, boolean document)
      throws MalformedException {
    if (exponent) {
      throw new MalformedException("JSON: exponent in a document");
    }
    if (digits > MAX_DIGITS || power > MAX_EXPONENT_DIGITS) {
      throw new MalformedException("JSON: number out of range");
    }
    BigDecimal value = new BigDecimal(text);
    if (document && integer && (value.abs().compareTo(MAX_INTEGER) > 0 || text.equals("-0"))) {
      throw new MalformedException("JSON: integer out of range");
    }
    return new JsonNumber(value, integer);
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }
}
