package dev.writ.operator.keys;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ring as the Secret holds it. Strict; messages name the place, never what stands there. */
final class KeyringText {
  /** More than any ring can have. */
  private static final int MAX = 64 * 1024;

  private static final Set<String> REQUIRED = Set.of("kid", "x", "state", "since");

  private KeyringText() {}

  static String print(Keyring ring) {
    JsonWriter json = new JsonWriter().beginObject().name("keys").beginArray();
    for (IssuerKey key : ring.keys()) {
      json.beginObject().member("kid", key.kid()).member("x", key.key().x());
      json.member("state", key.state().word()).member("since", key.since());
      if (key.until() > 0) {
        json.member("until", key.until());
      }
      if (key.reference() != null) {
        json.member("reference", key.reference().text());
      }
      json.endObject();
    }
    return json.endArray().endObject().toString();
  }

  static Keyring parse(String text) throws MalformedException {
    if (text.length() > MAX) {
      throw new MalformedException("longer than " + MAX + " characters");
    }
    if (!(StrictJson.body(text.getBytes(StandardCharsets.UTF_8)) instanceof JsonObject object)
        || !object.members().keySet().equals(Set.of("keys"))
        || !(object.get("keys") instanceof JsonArray array)) {
      throw new MalformedException("not an object of exactly keys, an array");
    }
    List<IssuerKey> keys = new ArrayList<>();
    for (JsonValue item : array.items()) {
      try {
        keys.add(key(item));
      } catch (MalformedException | IllegalArgumentException e) {
        throw new MalformedException("keys[" + keys.size() + "]: " + e.getMessage());
      }
    }
    try {
      return new Keyring(keys);
    } catch (IllegalArgumentException e) {
      throw new MalformedException(String.valueOf(e.getMessage()));
    }
  }

  private static IssuerKey key(JsonValue item) throws MalformedException {
    if (!(item instanceof JsonObject object)
        || !object.members().keySet().containsAll(REQUIRED)
        || object.members().size()
            != REQUIRED.size()
                + (object.get("until") == null ? 0 : 1)
                + (object.get("reference") == null ? 0 : 1)) {
      throw new MalformedException(
          "not an object of kid, x, state, since and perhaps until and reference");
    }
    PublicKey key = PublicKey.of(Base64Url.decode(text(object, "x")));
    if (!key.thumbprint().equals(text(object, "kid"))) {
      throw new MalformedException("kid is not the thumbprint of x");
    }
    KeyState state =
        KeyState.of(text(object, "state"))
            .orElseThrow(() -> new MalformedException("state is none of next, current, old"));
    KeyReference reference = null;
    if (object.get("reference") != null) {
      reference = KeyReference.parse(text(object, "reference"));
      if (reference == null) {
        throw new MalformedException("reference is not scheme:rest");
      }
    }
    return new IssuerKey(
        key,
        state,
        number(object.get("since"), "since"),
        object.get("until") == null ? 0 : number(object.get("until"), "until"),
        reference);
  }

  private static String text(JsonObject object, String name) throws MalformedException {
    if (object.get(name) instanceof JsonString string) {
      return string.value();
    }
    throw new MalformedException(name + " is not a string");
  }

  private static long number(@Nullable JsonValue value, String name) throws MalformedException {
    if (value instanceof JsonNumber number
        && number.integer()
        && number.value().signum() >= 0
        && number.value().precision() <= 15) {
      return number.value().longValueExact();
    }
    throw new MalformedException(name + " is not a moment in epoch seconds");
  }
}
