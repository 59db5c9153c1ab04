package dev.writ.operator.capability;

import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Constraint.Place;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds rules that no request can satisfy: they would deny silently, and only their author could
 * know why. (crd.md)
 */
final class NeverMatches {
  private static final Pattern DOTS = Pattern.compile("/\\.\\.?(/|;|$)");

  private NeverMatches() {}

  /** What is wrong with the first such rule. */
  static Optional<String> find(List<Rule> rules) {
    for (int i = 0; i < rules.size(); i++) {
      @Nullable String problem = rules.get(i).match() instanceof HttpMatch http ? path(http) : null;
      if (problem == null) {
        problem = KindProblems.find(rules.get(i));
      }
      if (problem == null) {
        problem = arguments(rules.get(i));
      }
      if (problem != null) {
        return Optional.of("spec.actions[" + i + "] never matches: " + problem);
      }
    }
    return Optional.empty();
  }

  private static @Nullable String path(HttpMatch http) {
    for (PathMatch path : http.paths()) {
      if (path.problem() != null) {
        return "path " + path.value() + ": " + path.problem();
      }
      if (DOTS.matcher(path.value()).find()) {
        return "path "
            + path.value()
            + " has dot segments, which are refused; write the path that they lead to";
      }
      if (path.value().matches(".*[?#%\\\\].*")) {
        return "path "
            + path.value()
            + " is compared after decoding and without its query; write it decoded, without ?, #, %"
            + " and backslash";
      }
    }
    return null;
  }

  private static @Nullable String arguments(Rule rule) {
    Map<Place, Range> ranges = new HashMap<>();
    Map<Place, List<JsonValue>> values = new HashMap<>();
    for (Constraint constraint : rule.arguments()) {
      String where = describe(constraint.place());
      if (constraint.place() instanceof Place.Capture capture && !captured(rule, capture.name())) {
        return where + " is captured by no Template of this entry";
      }
      Range range =
          ranges
              .getOrDefault(constraint.place(), Range.ALL)
              .and(constraint.minimum(), constraint.maximum());
      if (range.empty()) {
        return "no number is at least " + range.low + " and at most " + range.high + " at " + where;
      }
      ranges.put(constraint.place(), range);
      if (constraint.values() != null) {
        List<JsonValue> left = intersect(values.get(constraint.place()), constraint.values());
        values.put(constraint.place(), left);
      }
    }
    for (Map.Entry<Place, List<JsonValue>> entry : values.entrySet()) {
      Range range = ranges.getOrDefault(entry.getKey(), Range.ALL);
      if (entry.getValue().stream().noneMatch(value -> possible(entry.getKey(), value, range))) {
        return "no value is allowed at "
            + describe(entry.getKey())
            + ": its constraints exclude each other";
      }
    }
    return null;
  }

  private static boolean captured(Rule rule, String name) {
    return rule.match() instanceof HttpMatch http
        && http.paths().stream().anyMatch(path -> path.captureNames().contains(name));
  }

  private static List<JsonValue> intersect(@Nullable List<JsonValue> before, List<JsonValue> now) {
    return before == null ? now : before.stream().filter(now::contains).toList();
  }

  /** Values of a query or path are strings; a range wants a number, or there the text of one. */
  private static boolean possible(Place place, JsonValue value, Range range) {
    if (place instanceof Place.Pointer) {
      return range.equals(Range.ALL)
          || (value instanceof JsonNumber number && range.contains(number.value()));
    }
    return value instanceof JsonString string
        && (range.equals(Range.ALL) || number(string.value()).filter(range::contains).isPresent());
  }

  private static Optional<BigDecimal> number(String text) {
    try {
      return Optional.of(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String describe(Place place) {
    return switch (place) {
      case Place.Pointer pointer -> "pointer " + pointer.text();
      case Place.Query query -> "query " + query.name();
      case Place.Capture capture -> "path " + capture.name();
    };
  }

  private record Range(@Nullable BigDecimal low, @Nullable BigDecimal high) {
    static final Range ALL = new Range(null, null);

    Range and(@Nullable BigDecimal minimum, @Nullable BigDecimal maximum) {
      BigDecimal nextLow = low == null ? minimum : minimum == null ? low : low.max(minimum);
      BigDecimal nextHigh = high == null ? maximum : maximum == null ? high : high.min(maximum);
      return new Range(nextLow, nextHigh);
    }

    boolean empty() {
      return low != null && high != null && low.compareTo(high) > 0;
    }

    boolean contains(BigDecimal number) {
      return (low == null || number.compareTo(low) >= 0)
          && (high == null || number.compareTo(high) <= 0);
    }
  }
}
