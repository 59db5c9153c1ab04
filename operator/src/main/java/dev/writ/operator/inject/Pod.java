package dev.writ.operator.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A pod as raw JSON: only what injection asks is looked at, so that fields of other people survive.
 * (R5)
 *
 * @param json the object of the review, never changed
 */
record Pod(ObjectNode json) {
  @Nullable String annotation(String key) {
    return text(json.path("metadata").path("annotations").path(key));
  }

  @Nullable String label(String key) {
    return text(json.path("metadata").path("labels").path(key));
  }

  Set<String> annotationKeys() {
    return keys(json.path("metadata").path("annotations"));
  }

  Set<String> labelKeys() {
    return keys(json.path("metadata").path("labels"));
  }

  JsonNode spec() {
    return json.path("spec");
  }

  List<JsonNode> containers() {
    return items(spec().path("containers"));
  }

  List<JsonNode> initContainers() {
    return items(spec().path("initContainers"));
  }

  List<JsonNode> volumes() {
    return items(spec().path("volumes"));
  }

  /** Containers that serve while the app does: the app's own and native sidecars of others. */
  List<JsonNode> longLived() {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode container : initContainers()) {
      if ("Always".equals(text(container.path("restartPolicy")))) {
        all.add(container);
      }
    }
    all.addAll(containers());
    return all;
  }

  List<JsonNode> allContainers() {
    List<JsonNode> all = new ArrayList<>(initContainers());
    all.addAll(containers());
    all.addAll(items(spec().path("ephemeralContainers")));
    return all;
  }

  /** The entry of a list whose {@code name} it is, or a missing node. */
  static JsonNode named(List<JsonNode> entries, String name) {
    return entries.stream()
        .filter(entry -> name.equals(name(entry)))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  static String name(JsonNode entry) {
    return entry.path("name").asText("");
  }

  static List<JsonNode> items(JsonNode array) {
    List<JsonNode> items = new ArrayList<>();
    array.forEach(items::add);
    return items;
  }

  static @Nullable String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }

  private static Set<String> keys(JsonNode object) {
    Set<String> keys = new TreeSet<>();
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      keys.add(names.next());
    }
    return keys;
  }
}
