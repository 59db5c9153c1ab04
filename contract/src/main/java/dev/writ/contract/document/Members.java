package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonBoolean;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the members of one object, each by its type; {@link #end} refuses what nobody took. A
 * verifier never ignores what it does not understand.
 */
public final class Members {
  /** Largest integer of a document. */
  static final long MAX = (1L << 53) - 1;

  private final String where;
  private final JsonObject object;
  private int taken;

  private Members(String where, JsonObject object) {
    this.where = where;
    this.object = object;
  }

  /** The members of {@code value}, which must be an object; {@code where} names it in messages. */
  public static Members of(String where, @Nullable JsonValue value) throws MalformedException {
    if (value instanceof JsonObject object) {
      return new Members(where, object);
    }
    throw new MalformedException(where + ": not an object");
  }

  /** The items of {@code value}, which must be a list; {@code where} names it in messages. */
  public static List<JsonValue> list(String where, JsonValue value) throws MalformedException {
    if (value instanceof JsonArray array) {
      return array.items();
    }
    throw new MalformedException(where + ": not a list");
  }

  /** An error that names this object. */
  public MalformedException error(String what) {
    return new MalformedException(where + ": " + what);
  }

  /** Whether there is such a member; does not take it. */
  public boolean has(String name) {
    return object.get(name) != null;
  }

  /** Takes whatever the member is. */
  public JsonValue value(String name) throws MalformedException {
    JsonValue value = object.get(name);
    if (value == null) {
      throw error("no " + name);
    }
    taken++;
    return value;
  }

  /** Takes an object. */
  public Members object(String name) throws MalformedException {
    return of(where + "." + name, value(name));
  }

  /** The rest of the object as it stands, for maps with free names. */
  Set<String> names() {
    return object.members().keySet();
  }

  /** Takes a string. */
  public String string(String name) throws MalformedException {
    if (value(name) instanceof JsonString string) {
      return string.value();
    }
    throw error(name + " is not a string");
  }

  void constant(String name, String expected) throws MalformedException {
    if (!string(name).equals(expected)) {
      throw error(name + " is not " + expected);
    }
  }

  /** Takes true or false. */
  public boolean bool(String name) throws MalformedException {
    if (value(name) instanceof JsonBoolean bool) {
      return bool.value();
    }
    throw error(name + " is not true or false");
  }

  /** Takes an integer within these bounds, both included. */
  public long integer(String name, long min, long max) throws MalformedException {
    if (value(name) instanceof JsonNumber number && number.integer()) {
      long value = number.value().longValueExact();
      if (value >= min && value <= max) {
        return value;
      }
      throw error(name + " is out of range");
    }
    throw error(name + " is not an integer");
  }

  BigDecimal decimal(String name) throws MalformedException {
    if (value(name) instanceof JsonNumber number) {
      return number.value();
    }
    throw error(name + " is not a number");
  }

  /** A lower-case UUID, of any version. */
  public String uuid(String name) throws MalformedException {
    String text = string(name);
    if (!Text.isUuid(text)) {
      throw error(name + " is not a lower-case UUID");
    }
    return text;
  }

  SpiffeId id(String name, SpiffeId.Kind kind) throws MalformedException {
    return id(name, string(name), kind);
  }

  private SpiffeId id(String name, String text, SpiffeId.Kind kind) throws MalformedException {
    try {
      SpiffeId id = SpiffeId.parse(text);
      if (id.kind() == kind) {
        return id;
      }
    } catch (MalformedException e) {
      throw error(name + " is " + e.getMessage());
    }
    throw error(name + " is an id of another kind");
  }

  /** Takes a list. */
  public List<JsonValue> array(String name) throws MalformedException {
    if (value(name) instanceof JsonArray array) {
      return array.items();
    }
    throw error(name + " is not a list");
  }

  /** An array with at least one item. */
  public List<JsonValue> items(String name) throws MalformedException {
    List<JsonValue> items = array(name);
    if (items.isEmpty()) {
      throw error(name + " is empty");
    }
    return items;
  }

  /** Strings, none twice; may be empty. */
  public List<String> strings(String name) throws MalformedException {
    List<String> strings = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonValue item : array(name)) {
      if (!(item instanceof JsonString string)) {
        throw error(name + " holds what is not a string");
      }
      if (!seen.add(string.value())) {
        throw error(name + " holds a string twice");
      }
      strings.add(string.value());
    }
    return strings;
  }

  /** Strings, none twice, at least one. */
  List<String> someStrings(String name) throws MalformedException {
    List<String> strings = strings(name);
    if (strings.isEmpty()) {
      throw error(name + " is empty");
    }
    return strings;
  }

  List<SpiffeId> ids(String name, SpiffeId.Kind kind) throws MalformedException {
    List<SpiffeId> ids = new ArrayList<>();
    for (String text : strings(name)) {
      ids.add(id(name, text, kind));
    }
    return ids;
  }

  /** Refuses members that nobody took. Each is taken at most once. */
  public void end() throws MalformedException {
    if (taken != object.members().size()) {
      throw error("unknown member");
    }
  }
}
