package dev.writ.contract.grant;

import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Re2;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.Numbers;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tests of a constraint on one present value (actions.md, arguments). */
final class Tests {
  private Tests() {}

  /** On a value of the body: types count. */
  static boolean hold(Constraint constraint, JsonValue value) {
    BigDecimal number = value instanceof JsonNumber json ? json.value() : null;
    return hold(constraint, value, number);
  }

  /** On a value of query or path: a string, read as a JSON number for the bounds. */
  static boolean hold(Constraint constraint, String value) {
    boolean bounds = constraint.minimum() != null || constraint.maximum() != null;
    BigDecimal number = bounds ? Numbers.of(value).orElse(null) : null;
    return hold(constraint, new JsonString(value), number);
  }

  private static boolean hold(Constraint constraint, JsonValue value, @Nullable BigDecimal number) {
    List<JsonValue> values = constraint.values();
    if (values != null && values.stream().noneMatch(allowed -> same(allowed, value))) {
      return false;
    }
    BigDecimal minimum = constraint.minimum();
    if (minimum != null && (number == null || number.compareTo(minimum) < 0)) {
      return false;
    }
    BigDecimal maximum = constraint.maximum();
    if (maximum != null && (number == null || number.compareTo(maximum) > 0)) {
      return false;
    }
    String text = value instanceof JsonString string ? string.value() : null;
    Re2 pattern = constraint.pattern();
    if (pattern != null && (text == null || !pattern.matches(text))) {
      return false;
    }
    Long longest = constraint.maxLength();
    return longest == null || (text != null && text.codePointCount(0, text.length()) <= longest);
  }

  /** By JSON type; numbers as decimals, so 5 and 5.0 are the same. */
  private static boolean same(JsonValue allowed, JsonValue value) {
    if (allowed instanceof JsonNumber a && value instanceof JsonNumber b) {
      return a.value().compareTo(b.value()) == 0;
    }
    return allowed.equals(value);
  }
}
