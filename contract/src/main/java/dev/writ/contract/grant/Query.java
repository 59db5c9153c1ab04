package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.verify.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A query as names and values: {@code +} is a space, names and values are percent-decoded
 * (actions.md).
 */
final class Query {
  private final Map<String, List<String>> values = new HashMap<>();

  private Query() {}

  /** Broken percent-encoding anywhere throws. */
  static Query parse(@Nullable String text) throws MalformedException {
    Query query = new Query();
    if (text == null) {
      return query;
    }
    for (String pair : text.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = Target.decode(equals < 0 ? pair : pair.substring(0, equals), true);
      String value = equals < 0 ? "" : Target.decode(pair.substring(equals + 1), true);
      query.values.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }
    return query;
  }

  /** All names. */
  Set<String> names() {
    return values.keySet();
  }

  /** All values of that name; empty when it is not there. */
  List<String> of(String name) {
    return values.getOrDefault(name, List.of());
  }
}
