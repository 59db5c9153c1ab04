package dev.writ.contract.grant;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/** JSON values in one spelling, so that those of different parsers can be compared. */
final class Spelled {
  private Spelled() {}

  static String of(JsonValue value) {
    return switch (value) {
      case JsonNull none -> "n";
      case JsonBoolean bool -> bool.value() ? "t" : "f";
      case JsonNumber number -> number(number.value().doubleValue());
      case JsonString text -> string(text.value());
      case JsonArray array ->
          "[" + String.join(",", array.items().stream().map(Spelled::of).toList()) + "]";
      case JsonObject object -> {
        TreeSet<String> members = new TreeSet<>();
        object.members().forEach((name, item) -> members.add(string(name) + ":" + of(item)));
        yield "{" + String.join(",", members) + "}";
      }
    };
  }

  static String of(JsonNode node) {
    if (node.isNumber()) {
      return number(node.asDouble());
    }
    if (node.isTextual()) {
      return string(node.textValue());
    }
    if (node.isArray()) {
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(of(item)));
      return "[" + String.join(",", items) + "]";
    }
    if (node.isObject()) {
      TreeSet<String> members = new TreeSet<>();
      node.properties()
          .forEach(item -> members.add(string(item.getKey()) + ":" + of(item.getValue())));
      return "{" + String.join(",", members) + "}";
    }
    return node.isNull() ? "n" : node.asBoolean() ? "t" : "f";
  }

  private static String number(double value) {
    return "#" + HexFormat.of().toHexDigits(Double.doubleToLongBits(value == 0 ? 0.0 : value));
  }

  private static String string(String text) {
    return "\"" + HexFormat.of().formatHex(text.getBytes(UTF_8));
  }
}
