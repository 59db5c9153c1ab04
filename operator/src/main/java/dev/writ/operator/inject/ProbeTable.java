package dev.writ.operator.inject;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every probe and hook that the sidecar answers for, as its configuration holds it. */
record ProbeTable(List<ProbeEntry> entries) {
  private static final JsonMapper JSON = new JsonMapper();

  ProbeTable {
    entries = List.copyOf(entries);
  }

  /** The text of the sidecar's variable; empty for none. */
  String text() {
    if (entries.isEmpty()) {
      return "";
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    entries.forEach(entry -> array.add(entry.json()));
    // In a container's variable $(NAME) would be expanded, and $$ stands for $.
    return array.toString().replace("$", "$$");
  }

  Optional<ProbeEntry> find(String path) {
    return entries.stream().filter(entry -> entry.path().equals(path)).findFirst();
  }

  /** The entries that the other table has as well. */
  ProbeTable restrictedTo(ProbeTable other) {
    return new ProbeTable(entries.stream().filter(other.entries::contains).toList());
  }

  /**
   * Reads what {@link #text} wrote. What is read stands in a pod that its author may have written,
   * so it is used only to recompute the whole and compare.
   */
  static ProbeTable parse(String text) throws Refusal {
    if (text.isEmpty()) {
      return new ProbeTable(List.of());
    }
    List<ProbeEntry> entries = new ArrayList<>();
    try {
      for (JsonNode entry : JSON.readTree(text.replace("$$", "$"))) {
        if (entry instanceof ObjectNode object) {
          entries.add(new ProbeEntry(object.path("path").asText(""), object));
        }
      }
    } catch (JsonProcessingException e) {
      throw new Refusal(
          "the sidecar's "
              + Injection.PROBES
              + " is not what would be injected; remove the sidecar, the webhook adds it");
    }
    return new ProbeTable(entries);
  }
}
