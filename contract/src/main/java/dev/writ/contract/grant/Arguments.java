package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Constraint.Place;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the constraints of a rule find their values, and whether they all hold. A value beside
 * which there is another under a name that some parser reads as the same, as {@code Amount} beside
 * {@code amount}, holds nowhere: it is not known which of them the app takes.
 */
final class Arguments {
  private static final int MAX_INDEX_DIGITS = 9;

  private final @Nullable JsonValue json;
  private final Query query;
  private final Map<String, String> captures;

  /**
   * Values of one request.
   *
   * @param json what pointers point into; null when there is nothing
   */
  Arguments(@Nullable JsonValue json, Query query, Map<String, String> captures) {
    this.json = json;
    this.query = query;
    this.captures = captures;
  }

  /** Throws when one of them does not hold. */
  void check(List<Constraint> constraints) throws GrantException {
    for (Constraint constraint : constraints) {
      if (!holds(constraint)) {
        throw new GrantException(ErrorCode.ARGUMENT_NOT_ALLOWED, "argument", constraint);
      }
    }
  }

  private boolean holds(Constraint constraint) {
    return switch (constraint.place()) {
      case Place.Pointer pointer -> {
        JsonValue value = resolve(pointer.tokens());
        yield !hasDouble(pointer.tokens())
            && (value == null ? !constraint.isRequired() : Tests.hold(constraint, value));
      }
      case Place.Query named -> {
        List<String> values = query.of(named.name());
        // Given twice, applications differ on which one counts.
        yield !Spelling.hasDouble(query.names(), named.name())
            && (values.isEmpty()
                ? !constraint.isRequired()
                : values.size() == 1 && Tests.hold(constraint, values.get(0)));
      }
      case Place.Capture capture -> {
        String value = captures.get(capture.name());
        yield value == null ? !constraint.isRequired() : Tests.hold(constraint, value);
      }
    };
  }

  /** RFC 6901; null when there is no such value. */
  private @Nullable JsonValue resolve(List<String> tokens) {
    JsonValue value = json;
    for (String token : tokens) {
      value = step(value, token);
    }
    return value;
  }

  private static @Nullable JsonValue step(@Nullable JsonValue value, String token) {
    return switch (value) {
      case JsonObject object -> object.get(token);
      case JsonArray array -> item(array, token);
      case null, default -> null;
    };
  }

  /** Whether an object on the way has a member that reads as the one that is named, and is not. */
  private boolean hasDouble(List<String> tokens) {
    JsonValue value = json;
    for (String token : tokens) {
      if (value instanceof JsonObject object
          && Spelling.hasDouble(object.members().keySet(), token)) {
        return true;
      }
      value = step(value, token);
    }
    return false;
  }

  private static @Nullable JsonValue item(JsonArray array, String token) {
    boolean index = !token.isEmpty() && token.length() <= MAX_INDEX_DIGITS;
    for (int i = 0; i < token.length(); i++) {
      index &= token.charAt(i) >= '0' && token.charAt(i) <= '9';
    }
    if (!index || (token.length() > 1 && token.charAt(0) == '0')) {
      return null;
    }
    int at = Integer.parseInt(token);
    return at < array.items().size() ? array.items().get(at) : null;
  }
}
