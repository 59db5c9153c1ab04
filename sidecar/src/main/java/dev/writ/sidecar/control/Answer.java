package dev.writ.sidecar.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A JSON object of the operator's. Members that we need must be there and right; others are left
 * alone, so that an operator newer than its sidecars can say more.
 */
record Answer(String where, JsonObject object) {

  static Answer parse(String where, byte[] json) throws MalformedException {
    return of(where, StrictJson.body(json));
  }

  static Answer parse(String where, String json) throws MalformedException {
    return parse(where, json.getBytes(StandardCharsets.UTF_8));
  }

  static Answer of(String where, JsonValue value) throws MalformedException {
    if (value instanceof JsonObject object) {
      return new Answer(where, object);
    }
    throw new MalformedException(where + ": not an object");
  }

  JsonValue value(String name) throws MalformedException {
    JsonValue value = object.get(name);
    if (value == null) {
      throw new MalformedException(where + ": no " + name);
    }
    return value;
  }

  String text(String name) throws MalformedException {
    return text(name, value(name));
  }

  /** An integer, zero or above. */
  long number(String name) throws MalformedException {
    if (value(name) instanceof JsonNumber number
        && number.integer()
        && number.value().signum() >= 0) {
      try {
        return number.value().longValueExact();
      } catch (ArithmeticException e) {
        throw new MalformedException(where + ": " + name + " is too large");
      }
    }
    throw new MalformedException(where + ": " + name + " is not an integer of zero or above");
  }

  List<JsonValue> array(String name) throws MalformedException {
    if (value(name) instanceof JsonArray array) {
      return array.items();
    }
    throw new MalformedException(where + ": " + name + " is not an array");
  }

  String text(String name, JsonValue value) throws MalformedException {
    if (value instanceof JsonString string) {
      return string.value();
    }
    throw new MalformedException(where + ": " + name + " is not a string");
  }
}
