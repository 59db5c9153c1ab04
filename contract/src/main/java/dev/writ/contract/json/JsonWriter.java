package dev.writ.contract.json;

import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Writes JSON without white space, in the spelling that {@link StrictJson#document} reads. Balance
 * of brackets is the caller's duty. Not thread-safe.
 */
public final class JsonWriter {
  private static final int MAX_SCALE = 1_000;
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out = new StringBuilder(256);
  private boolean comma;

  /** Opens an object. */
  public JsonWriter beginObject() {
    separate();
    out.append('{');
    comma = false;
    return this;
  }

  /** Closes an object. */
  public JsonWriter endObject() {
    out.append('}');
    comma = true;
    return this;
  }

  /** Opens an array. */
  public JsonWriter beginArray() {
    separate();
    out.append('[');
    comma = false;
    return this;
  }

  /** Closes an array. */
  public JsonWriter endArray() {
    out.append(']');
    comma = true;
    return this;
  }

  /** The name of the next value. */
  public JsonWriter name(String name) {
    separate();
    quote(name);
    out.append(':');
    comma = false;
    return this;
  }

  /** A string. */
  public JsonWriter value(String value) {
    separate();
    quote(value);
    comma = true;
    return this;
  }

  /** An integer. */
  public JsonWriter value(long value) {
    separate();
    out.append(value);
    comma = true;
    return this;
  }

  /** A decimal, written without exponent unless that would take more than a thousand zeros. */
  public JsonWriter value(BigDecimal value) {
    separate();
    out.append(
        Math.abs((long) value.scale()) > MAX_SCALE ? value.toString() : value.toPlainString());
    comma = true;
    return this;
  }

  /** True or false. */
  public JsonWriter value(boolean value) {
    separate();
    out.append(value);
    comma = true;
    return this;
  }

  /** Null. */
  public JsonWriter nullValue() {
    separate();
    out.append("null");
    comma = true;
    return this;
  }

  /** Any value. */
  public JsonWriter value(JsonValue value) {
    switch (value) {
      case JsonObject object -> {
        beginObject();
        object.members().forEach((name, member) -> name(name).value(member));
        endObject();
      }
      case JsonArray array -> {
        beginArray();
        array.items().forEach(this::value);
        endArray();
      }
      case JsonString string -> value(string.value());
      case JsonNumber number -> value(number.value());
      case JsonBoolean bool -> value(bool.value());
      case JsonNull none -> nullValue();
    }
    return this;
  }

  /** A member that is a string. */
  public JsonWriter member(String name, String value) {
    return name(name).value(value);
  }

  /** A member that is an integer. */
  public JsonWriter member(String name, long value) {
    return name(name).value(value);
  }

  /** A member that is true or false. */
  public JsonWriter member(String name, boolean value) {
    return name(name).value(value);
  }

  /** A member of any kind. */
  public JsonWriter member(String name, JsonValue value) {
    return name(name).value(value);
  }

  /** A member that is an array of strings. */
  public JsonWriter member(String name, Iterable<String> values) {
    name(name).beginArray();
    values.forEach(this::value);
    return endArray();
  }

  /** What was written, as UTF-8. */
  public byte[] toBytes() {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What was written. */
  @Override
  public String toString() {
    return out.toString();
  }

  private void separate() {
    if (comma) {
      out.append(',');
    }
  }

  private void quote(String text) {
    out.append('"');
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        continue;
      }
      out.append(text, plainFrom, i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> i = unusual(text, i, c);
      }
      plainFrom = i + 1;
    }
    out.append(text, plainFrom, text.length()).append('"');
  }

  private static boolean isPlain(char c) {
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !Character.isSurrogate(c);
  }

  /**
   * A lone surrogate has no UTF-8: it becomes the replacement character. Returns the index of the
   * last unit taken.
   */
  private int unusual(String text, int i, char c) {
    if (!Character.isSurrogate(c)) {
      out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
      return i;
    }
    if (Character.isHighSurrogate(c)
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1))) {
      out.append(c).append(text.charAt(i + 1));
      return i + 1;
    }
    out.append('\ufffd');
    return i;
  }
}
