package dev.writ.contract.json;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON value, immutable. */
public sealed interface JsonValue {
  /** An object; members in the order of the text, names unique. */
  record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    /** Copies, keeping the order. */
    public JsonObject {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member of that name, null when there is none. */
    public @Nullable JsonValue get(String name) {
      return members.get(name);
    }
  }

  /** An array. */
  record JsonArray(List<JsonValue> items) implements JsonValue {
    /** Copies. */
    public JsonArray {
      items = List.copyOf(items);
    }
  }

  /** A string. */
  record JsonString(String value) implements JsonValue {}

  /**
   * A number.
   *
   * @param value exact
   * @param integer whether it was written as an integer, without fraction and exponent
   */
  record JsonNumber(BigDecimal value, boolean integer) implements JsonValue {
    /** An integer. */
    public static JsonNumber of(long value) {
      return new JsonNumber(BigDecimal.valueOf(value), true);
    }
  }

  /** True or false. */
  record JsonBoolean(boolean value) implements JsonValue {}

  /** Null. */
  record JsonNull() implements JsonValue {}
}
