package dev.writ.audit.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/** The keywords of JSON Schema that the schemas of OCSF use; any other is an error of the test. */
final class JsonSchema {
  private static final Set<String> SAID_ALONE =
      Set.of("$schema", "$id", "$defs", "deprecated", "title", "description");
  private final JsonNode root;
  private final List<String> faults = new ArrayList<>();

  private JsonSchema(JsonNode root) {
    this.root = root;
  }

  /** Everything that is wrong with the value, each with where it is. */
  static List<String> faults(JsonNode schema, JsonNode value) {
    JsonSchema check = new JsonSchema(schema);
    check.check(schema, value, "");
    return check.faults;
  }

  private void check(JsonNode schema, JsonNode value, String at) {
    schema.properties().forEach(each -> keyword(each.getKey(), each.getValue(), schema, value, at));
  }

  private void keyword(String word, JsonNode says, JsonNode schema, JsonNode value, String at) {
    if (SAID_ALONE.contains(word)) {
      return;
    }
    switch (word) {
      case "$ref" -> check(root.at(says.asText().substring(1)), value, at);
      case "type" -> fault(!hasType(says.asText(), value), at, "is not of type " + says);
      case "const" -> fault(!says.equals(value), at, "is not " + says);
      case "enum" -> fault(!contains(says, value), at, value + " is not one of " + says);
      case "required" ->
          says.forEach(name -> fault(!value.has(name.asText()), at, "has no " + name.asText()));
      case "properties" ->
          says.properties()
              .forEach(
                  each -> {
                    if (value.has(each.getKey())) {
                      check(each.getValue(), value.get(each.getKey()), at + "/" + each.getKey());
                    }
                  });
      case "additionalProperties" -> {
        if (says.isBoolean() && !says.asBoolean()) {
          value
              .fieldNames()
              .forEachRemaining(
                  name -> fault(!schema.get("properties").has(name), at, "has " + name));
        }
      }
      case "items" -> {
        for (int i = 0; i < value.size(); i++) {
          check(says, value.get(i), at + "/" + i);
        }
      }
      case "anyOf" ->
          fault(
              StreamSupport.stream(says.spliterator(), false).noneMatch(one -> holds(one, value)),
              at,
              "is none of " + says);
      case "maxLength" ->
          fault(value.isTextual() && value.asText().length() > says.asInt(), at, "is too long");
      case "pattern" ->
          fault(
              value.isTextual() && !value.asText().matches("(?s).*(?:" + says.asText() + ").*"),
              at,
              value + " does not match " + says);
      case "minimum" -> fault(value.asLong() < says.asLong(), at, value + " is too small");
      case "maximum" -> fault(value.asLong() > says.asLong(), at, value + " is too great");
      default -> throw new AssertionError("the schema uses " + word);
    }
  }

  private boolean holds(JsonNode schema, JsonNode value) {
    JsonSchema check = new JsonSchema(root);
    check.check(schema, value, "");
    return check.faults.isEmpty();
  }

  private void fault(boolean wrong, String at, String what) {
    if (wrong) {
      faults.add((at.isEmpty() ? "/" : at) + " " + what);
    }
  }

  private static boolean contains(JsonNode all, JsonNode value) {
    return StreamSupport.stream(all.spliterator(), false).anyMatch(value::equals);
  }

  private static boolean hasType(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      default -> throw new AssertionError("the schema uses type " + type);
    };
  }
}
