package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.Numbers;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Headers that mirror the body of an MCP message: when present they must say the same (actions.md;
 * -32020).
 */
final class McpHeaders {
  private static final String METHOD = "mcp-method";
  private static final String NAME = "mcp-name";
  private static final String SESSION = "mcp-session-id";
  private static final String PARAM = "mcp-param-";

  private McpHeaders() {}

  static void check(RequestHead head, McpMessage message) throws GrantException {
    Set<String> seen = new HashSet<>();
    for (Field field : head.fields()) {
      String name = field.name().toLowerCase(Locale.ROOT).replace('_', '-');
      boolean param = name.startsWith(PARAM);
      if (!param && !name.equals(METHOD) && !name.equals(NAME)) {
        continue;
      }
      String value = decode(field.value());
      boolean same =
          param
              ? mirrors(name.substring(PARAM.length()), value, message.arguments())
              : value.equals(name.equals(METHOD) ? message.method() : message.target());
      if (!same || !seen.add(name)) {
        throw new GrantException(ErrorCode.MALFORMED, "header does not mirror the body");
      }
    }
  }

  /** The session that the message is part of, null when there is none. */
  static @Nullable String session(RequestHead head) throws GrantException {
    String found = null;
    for (Field field : head.fields()) {
      if (field.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(SESSION)) {
        if (found != null) {
          throw GrantException.malformed("session repeated");
        }
        found = field.value();
      }
    }
    return found;
  }

  /** {@code =?base64?...?=} stands for UTF-8 that a field cannot carry. */
  private static String decode(String value) throws GrantException {
    if (!value.startsWith("=?base64?")
        || !value.endsWith("?=")
        || value.length() < "=?base64??=".length()) {
      return value;
    }
    try {
      byte[] bytes =
          Base64.getDecoder().decode(value.substring("=?base64?".length(), value.length() - 2));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new GrantException(ErrorCode.MALFORMED, "header does not mirror the body");
    }
  }

  /**
   * The tool's schema maps header names to arguments, and is not known here: an argument of that
   * name must have the value, or, when there is none of that name, some argument must.
   */
  private static boolean mirrors(String name, String value, @Nullable JsonValue arguments) {
    if (!(arguments instanceof JsonObject object)) {
      return false;
    }
    boolean named = false;
    for (var member : object.members().entrySet()) {
      if (member.getKey().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
        named = true;
        if (!same(value, member.getValue())) {
          return false;
        }
      }
    }
    return named || anywhere(value, object);
  }

  private static boolean anywhere(String value, JsonValue json) {
    return switch (json) {
      case JsonObject object ->
          object.members().values().stream().anyMatch(item -> anywhere(value, item));
      case JsonArray array -> array.items().stream().anyMatch(item -> anywhere(value, item));
      default -> same(value, json);
    };
  }

  private static boolean same(String value, JsonValue json) {
    return switch (json) {
      case JsonString string -> string.value().equals(value);
      case JsonNumber number ->
          Numbers.of(value).filter(n -> n.compareTo(number.value()) == 0).isPresent();
      case JsonBoolean bool -> value.equals(String.valueOf(bool.value()));
      default -> false;
    };
  }
}
