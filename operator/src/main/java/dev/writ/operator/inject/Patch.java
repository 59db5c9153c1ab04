package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * RFC 6902 operations on our own paths, in the order in which they are applied: a list that is
 * missing is added whole, else one entry at a time.
 */
final class Patch {
  private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

  ArrayNode operations() {
    return operations;
  }

  /** Adds the members that a map of the pod's lacks. */
  void members(ObjectNode pod, String parent, String map, Map<String, String> wanted) {
    JsonNode present = pod.path(parent).path(map);
    if (!present.isObject()) {
      ObjectNode whole = add("/" + parent + "/" + map).putObject("value");
      wanted.forEach(whole::put);
      return;
    }
    wanted.forEach(
        (key, value) -> {
          if (!present.has(key)) {
            add("/" + parent + "/" + map + "/" + key.replace("~", "~0").replace("/", "~1"))
                .put("value", value);
          }
        });
  }

  void first(JsonNode list, String path, List<ObjectNode> entries) {
    if (list.isArray()) {
      entries.reversed().forEach(entry -> add(path + "/0").set("value", entry));
    } else {
      add(path).putArray("value").addAll(entries);
    }
  }

  void append(JsonNode list, String path, List<ObjectNode> entries) {
    if (entries.isEmpty()) {
      return;
    }
    if (list.isArray()) {
      entries.forEach(entry -> add(path + "/-").set("value", entry));
    } else {
      add(path).putArray("value").addAll(entries);
    }
  }

  /** Replaces an entry of a list. */
  void entry(String path, JsonNode value) {
    operations.addObject().put("op", "replace").put("path", path).set("value", value);
  }

  /** Adds or replaces a member of an object. */
  void set(String path, JsonNode value) {
    add(path).set("value", value);
  }

  private ObjectNode add(String path) {
    return operations.addObject().put("op", "add").put("path", path);
  }
}
