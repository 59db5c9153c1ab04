package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One constraint on an argument: where it stands, and tests that all must hold (actions.md).
 * Immutable.
 *
 * @param place where the value is found
 * @param values allowed values, compared by JSON type; null = any
 * @param minimum smallest number; null = none
 * @param maximum largest number; null = none
 * @param pattern RE2, anchored at both ends; null = none
 * @param maxLength in code points; null = none
 * @param required whether a missing value fails; null when the document does not say, which means
 *     yes
 */
public record Constraint(
    Place place,
    @Nullable List<JsonValue> values,
    @Nullable BigDecimal minimum,
    @Nullable BigDecimal maximum,
    @Nullable Re2 pattern,
    @Nullable Long maxLength,
    @Nullable Boolean required) {
  private static final Set<String> TESTS =
      Set.of("values", "minimum", "maximum", "pattern", "maxLength", "required");

  /** Where a value is found. */
  public sealed interface Place {
    /**
     * In the JSON body, or in the arguments of an MCP call (RFC 6901).
     *
     * @param text as written
     * @param tokens unescaped
     */
    record Pointer(String text, List<String> tokens) implements Place {
      /** Copies. */
      public Pointer {
        tokens = List.copyOf(tokens);
      }
    }

    /** In the query, by name. */
    record Query(String name) implements Place {}

    /** In the path, by the name of a capture of the template. */
    record Capture(String name) implements Place {}
  }

  /** Copies; at least one test must be there. */
  public Constraint {
    values = values == null ? null : List.copyOf(values);
  }

  /** Whether a missing value fails. */
  public boolean isRequired() {
    return required == null || required;
  }

  /** Whether it reads the body. */
  public boolean readsBody() {
    return place instanceof Place.Pointer;
  }

  /** Reads one constraint, strictly; {@code where} goes into the message. */
  public static Constraint read(String where, JsonValue value) throws MalformedException {
    Constraint constraint = uncompiled(where, value);
    constraint.compile();
    return constraint;
  }

  /** Compiles the pattern; throws when it is not RE2. */
  void compile() throws MalformedException {
    if (pattern != null) {
      pattern.compile();
    }
  }

  static Constraint uncompiled(String where, JsonValue value) throws MalformedException {
    Members members = Members.of(where, value);
    if (members.names().stream().noneMatch(TESTS::contains)) {
      throw members.error("no test");
    }
    Constraint constraint =
        new Constraint(
            place(members),
            members.has("values") ? scalars(members) : null,
            members.has("minimum") ? members.decimal("minimum") : null,
            members.has("maximum") ? members.decimal("maximum") : null,
            members.has("pattern") ? Re2.uncompiled(members.string("pattern")) : null,
            members.has("maxLength") ? members.integer("maxLength", 0, Members.MAX) : null,
            members.has("required") ? members.bool("required") : null);
    members.end();
    return constraint;
  }

  private static Place place(Members members) throws MalformedException {
    int places =
        (members.has("pointer") ? 1 : 0)
            + (members.has("query") ? 1 : 0)
            + (members.has("path") ? 1 : 0);
    if (places != 1) {
      throw members.error("not exactly one of pointer, query and path");
    }
    if (members.has("pointer")) {
      return pointer(members, members.string("pointer"));
    }
    String name = members.string(members.has("query") ? "query" : "path");
    if (name.isEmpty()) {
      throw members.error("empty name");
    }
    return members.has("query") ? new Place.Query(name) : new Place.Capture(name);
  }

  private static Place.Pointer pointer(Members members, String text) throws MalformedException {
    if (text.isEmpty()) {
      return new Place.Pointer(text, List.of());
    }
    if (!text.startsWith("/")) {
      throw members.error("pointer does not start with a slash");
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '~'
          && (i + 1 == text.length() || "01".indexOf(text.charAt(i + 1)) < 0)) {
        throw members.error("pointer with an unknown escape");
      }
    }
    List<String> tokens =
        List.of(text.substring(1).split("/", -1)).stream()
            .map(token -> token.replace("~1", "/").replace("~0", "~"))
            .toList();
    return new Place.Pointer(text, tokens);
  }

  private static List<JsonValue> scalars(Members members) throws MalformedException {
    List<JsonValue> values = members.items("values");
    for (JsonValue value : values) {
      if (value instanceof JsonObject || value instanceof JsonArray) {
        throw members.error("values holds an object or a list");
      }
    }
    return values;
  }

  void write(JsonWriter json) {
    json.beginObject();
    switch (place) {
      case Place.Pointer pointer -> json.member("pointer", pointer.text());
      case Place.Query query -> json.member("query", query.name());
      case Place.Capture capture -> json.member("path", capture.name());
    }
    if (values != null) {
      json.member("values", new JsonArray(values));
    }
    if (minimum != null) {
      json.name("minimum").value(minimum);
    }
    if (maximum != null) {
      json.name("maximum").value(maximum);
    }
    if (pattern != null) {
      json.member("pattern", pattern.toString());
    }
    if (maxLength != null) {
      json.member("maxLength", maxLength);
    }
    if (required != null) {
      json.member("required", required);
    }
    json.endObject();
  }
}
