package dev.writ.cli.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the API server checks before the operator sees an object: the structural schema of the CRD.
 * A file that no API server has seen is held to the same, and to one thing more: a member that the
 * schema does not know is refused, where the API server would leave it out. Pure.
 */
final class CapabilitySchema {
  private static final String CRD = "/META-INF/fabric8/agentcapabilities.writ.dev-v1.yml";

  private CapabilitySchema() {}

  /** The first thing that is wrong with the object; empty when it is as the schema says. */
  static Optional<String> problem(JsonNode object) {
    JsonNode spec = schema().path("properties").path("spec");
    return problems(object.path("spec"), spec, "spec").stream().findFirst();
  }

  private static JsonNode schema() {
    try (InputStream crd = CapabilitySchema.class.getResourceAsStream(CRD)) {
      if (crd == null) {
        throw new IllegalStateException(CRD + " is missing");
      }
      JsonNode versions =
          new ObjectMapper(new YAMLFactory()).readTree(crd).path("spec").path("versions");
      return versions.path(0).path("schema").path("openAPIV3Schema");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> problems(JsonNode value, JsonNode schema, String at) {
    List<String> problems = new ArrayList<>();
    String type = schema.path("type").asText();
    if (!isOf(value, type) && !(value.isNull() && schema.path("nullable").asBoolean())) {
      problems.add(at + ": must be " + (type.matches("[aeiou].*") ? "an " : "a ") + type);
      return problems;
    }
    if (schema.has("enum") && !contains(schema.path("enum"), value)) {
      problems.add(at + ": must be one of " + words(schema.path("enum")));
    }
    bounds(value, schema, at, problems);
    if (value.isObject() && schema.has("properties")) {
      members(value, schema, at, problems);
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      problems.addAll(problems(value.get(i), schema.path("items"), at + "[" + i + "]"));
    }
    return problems;
  }

  private static boolean isOf(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isIntegralNumber() && value.canConvertToLong();
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  private static void members(JsonNode value, JsonNode schema, String at, List<String> problems) {
    JsonNode known = schema.path("properties");
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asText())) {
        problems.add(at + "." + required.asText() + ": is missing");
      }
    }
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      String name = member.getKey();
      if (known.has(name)) {
        problems.addAll(problems(member.getValue(), known.path(name), at + "." + name));
      } else {
        List<String> names = new ArrayList<>();
        known.fieldNames().forEachRemaining(names::add);
        problems.add(at + "." + name + ": is not known; there are " + String.join(", ", names));
      }
    }
  }

  private static void bounds(JsonNode value, JsonNode schema, String at, List<String> problems) {
    if (value.isNumber()) {
      if (schema.has("minimum")
          && value.decimalValue().compareTo(schema.path("minimum").decimalValue()) < 0) {
        problems.add(at + ": must be at least " + schema.path("minimum").asText());
      }
      if (schema.has("maximum")
          && value.decimalValue().compareTo(schema.path("maximum").decimalValue()) > 0) {
        problems.add(at + ": must be at most " + schema.path("maximum").asText());
      }
    }
    if (value.isTextual()) {
      String text = value.asText();
      if (schema.has("pattern")
          && !Pattern.compile(schema.path("pattern").asText()).matcher(text).find()) {
        problems.add(at + ": must match " + schema.path("pattern").asText());
      }
      size(text.codePointCount(0, text.length()), schema, "Length", "characters", at, problems);
    }
    if (value.isArray()) {
      size(value.size(), schema, "Items", "items", at, problems);
    }
    if (value.isObject()) {
      size(value.size(), schema, "Properties", "members", at, problems);
    }
  }

  private static void size(
      int size, JsonNode schema, String what, String word, String at, List<String> problems) {
    if (size < schema.path("min" + what).asInt(0)) {
      problems.add(at + ": needs at least " + schema.path("min" + what).asInt() + " " + word);
    }
    if (size > schema.path("max" + what).asInt(Integer.MAX_VALUE)) {
      problems.add(at + ": may have at most " + schema.path("max" + what).asInt() + " " + word);
    }
  }

  private static boolean contains(JsonNode words, JsonNode value) {
    for (JsonNode word : words) {
      if (word.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static String words(JsonNode words) {
    List<String> all = new ArrayList<>();
    words.forEach(word -> all.add(word.asText()));
    return String.join(", ", all);
  }
}
