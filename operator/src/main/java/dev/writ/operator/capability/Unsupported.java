package dev.writ.operator.capability;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What the schema allows and no gate of this version enforces. Such a capability is refused whole:
 * ignoring the part would grant more than its author wrote. This list shrinks as enforcement is
 * built.
 */
final class Unsupported {
  private Unsupported() {}

  /** What to write instead, if there is such a part. */
  static Optional<String> find(JsonNode spec) {
    int index = 0;
    for (JsonNode action : spec.path("actions")) {
      String where = "spec.actions[" + index++ + "].";
      if (has(action.path("http"), "upgrade")) {
        return no(
            where + "http.upgrade",
            "leave it out; requests without upgrade are granted by methods and paths");
      }
    }
    return Optional.empty();
  }

  private static boolean has(JsonNode parent, String name) {
    return !parent.path(name).isMissingNode() && !parent.path(name).isNull();
  }

  private static Optional<String> no(String what, String instead) {
    return Optional.of(what + " is not enforced by this version: " + instead);
  }
}
