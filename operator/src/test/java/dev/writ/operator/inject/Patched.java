package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;

/** RFC 6902, as far as tests use it: {@code add}, {@code replace} and {@code remove}. */
final class Patched {
  private Patched() {}

  static ObjectNode of(ObjectNode pod, ArrayNode patch) {
    ObjectNode result = pod.deepCopy();
    for (JsonNode operation : patch) {
      List<String> path =
          Stream.of(operation.get("path").asText().substring(1).split("/", -1))
              .map(part -> part.replace("~1", "/").replace("~0", "~"))
              .toList();
      JsonNode parent = result;
      for (String part : path.subList(0, path.size() - 1)) {
        parent = parent.isArray() ? parent.get(Integer.parseInt(part)) : parent.get(part);
      }
      apply(operation.get("op").asText(), parent, path.getLast(), operation.path("value"));
    }
    return result;
  }

  private static void apply(String op, JsonNode parent, String name, JsonNode value) {
    if (parent instanceof ArrayNode array) {
      int index = name.equals("-") ? array.size() : Integer.parseInt(name);
      switch (op) {
        case "add" -> array.insert(index, value);
        case "replace" -> array.set(index, value);
        case "remove" -> array.remove(index);
        default -> throw new AssertionError(op);
      }
    } else if (parent instanceof ObjectNode object) {
      switch (op) {
        case "add", "replace" -> object.set(name, value);
        case "remove" -> object.remove(name);
        default -> throw new AssertionError(op);
      }
    } else {
      throw new AssertionError("no parent for " + name);
    }
  }
}
