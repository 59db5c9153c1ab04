package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Matches a percent-decoded path, exact in case, slashes and trailing slash (actions.md).
 *
 * @param type how
 * @param value path, prefix or template; starts with a slash
 */
public record PathMatch(Type type, String value) {
  /** How a path is matched. */
  public enum Type {
    /** The same characters. */
    EXACT("Exact"),
    /** Whole segments, the prefix itself included. */
    PREFIX("Prefix"),
    /** Segments, each literal or {@code {name}}: one segment that is not empty. */
    TEMPLATE("Template");

    private final String wire;

    Type(String wire) {
      this.wire = wire;
    }

    /** The word in documents and YAML. */
    public String wire() {
      return wire;
    }
  }

  /** Reads one entry of {@code paths}. */
  static PathMatch read(String where, JsonValue value) throws MalformedException {
    Members members = Members.of(where, value);
    String word = members.string("type");
    String path = members.string("value");
    members.end();
    for (Type type : Type.values()) {
      if (type.wire.equals(word)) {
        PathMatch match = new PathMatch(type, path);
        String problem = match.problem();
        if (problem != null) {
          throw members.error(problem);
        }
        return match;
      }
    }
    throw members.error("type is not Exact, Prefix or Template");
  }

  /** What keeps this from ever matching as meant, null when nothing does. */
  public @Nullable String problem() {
    if (!value.startsWith("/") || Text.hasControl(value)) {
      return "value is not an absolute path";
    }
    if (type != Type.TEMPLATE) {
      return null;
    }
    Set<String> names = new HashSet<>();
    for (String segment : value.substring(1).split("/", -1)) {
      boolean capture = isCapture(segment);
      if (!capture && (segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0)) {
        return "value has braces that are not a whole segment";
      }
      if (capture && !names.add(name(segment))) {
        return "value captures one name twice";
      }
    }
    return null;
  }

  /**
   * The captures when the decoded path matches (empty for other types than Template); null when it
   * does not.
   */
  public @Nullable Map<String, String> match(String path) {
    boolean matches =
        switch (type) {
          case EXACT -> path.equals(value);
          case PREFIX ->
              path.equals(value) || path.startsWith(value.endsWith("/") ? value : value + "/");
          case TEMPLATE -> true;
        };
    if (!matches) {
      return null;
    }
    return type == Type.TEMPLATE ? captures(path) : Map.of();
  }

  /** The names that a template captures. */
  public List<String> captureNames() {
    List<String> names = new ArrayList<>();
    if (type == Type.TEMPLATE) {
      for (String segment : value.substring(1).split("/", -1)) {
        if (isCapture(segment)) {
          names.add(name(segment));
        }
      }
    }
    return names;
  }

  private @Nullable Map<String, String> captures(String path) {
    Map<String, String> captures = new HashMap<>();
    int at = 0;
    int from = 0;
    while (true) {
      int end = value.indexOf('/', at + 1);
      int to = path.indexOf('/', from + 1);
      String expected = value.substring(at + 1, end < 0 ? value.length() : end);
      if (from >= path.length()) {
        return null;
      }
      String segment = path.substring(from + 1, to < 0 ? path.length() : to);
      if (isCapture(expected)) {
        if (segment.isEmpty()) {
          return null;
        }
        captures.put(name(expected), segment);
      } else if (!expected.equals(segment)) {
        return null;
      }
      if (end < 0 || to < 0) {
        return end < 0 && to < 0 ? captures : null;
      }
      at = end;
      from = to;
    }
  }

  private static boolean isCapture(String segment) {
    return segment.length() > 2
        && segment.charAt(0) == '{'
        && segment.indexOf('}') == segment.length() - 1
        && segment.indexOf('{', 1) < 0;
  }

  private static String name(String capture) {
    return capture.substring(1, capture.length() - 1);
  }
}
