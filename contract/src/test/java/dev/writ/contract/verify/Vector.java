package dev.writ.contract.verify;

import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One wire vector and the surroundings that it names. */
record Vector(JsonObject json) {
  String name() {
    return text(json, "name");
  }

  JsonObject input() {
    return (JsonObject) member(json, "input");
  }

  String kind() {
    return text(input(), "kind");
  }

  JsonObject expect() {
    return (JsonObject) member(json, "expect");
  }

  TrustBundle trust() throws Exception {
    return TrustBundle.parse(new JsonWriter().value(member(json, "trust")).toString());
  }

  Revocations revocations() throws Exception {
    if (!(json.get("revocations") instanceof JsonString jws)) {
      return new Revocations.Unconfigured();
    }
    RevocationList list = RevocationList.unverified(jws.value());
    return text(json, "mode").equals("cluster")
        ? Revocations.cluster(list)
        : Revocations.standalone(list);
  }

  Moment now() {
    return new Moment(number(json, "now"), number((JsonObject) member(json, "replica"), "monoMs"));
  }

  Listener listener() {
    Protocol protocol = Protocol.valueOf(text(json, "protocol").toUpperCase(Locale.ROOT));
    return new Listener(Set.of(text(json, "service")), protocol);
  }

  Challenges challenges() {
    JsonObject replica = (JsonObject) member(json, "replica");
    long boot = Long.parseUnsignedLong(text(replica, "boot"), 16);
    long watermark = Long.parseUnsignedLong(text(replica, "watermark"));
    byte[] secret = HexFormat.of().parseHex(text(replica, "secret"));
    return new Challenges(boot, secret, now(), watermark == 0 ? -1 : watermark);
  }

  /** Outcomes that pass. */
  List<String> outcomes() {
    List<String> outcomes = new ArrayList<>();
    outcomes.add(text(expect(), "outcome"));
    if (expect().get("alsoAllowed") instanceof JsonArray also) {
      also.items().forEach(item -> outcomes.add(((JsonString) item).value()));
    }
    return outcomes;
  }

  static JsonValue member(JsonObject object, String name) {
    JsonValue value = object.get(name);
    if (value == null) {
      throw new IllegalArgumentException("vector without " + name);
    }
    return value;
  }

  static String text(JsonObject object, String name) {
    return ((JsonString) member(object, name)).value();
  }

  static long number(JsonObject object, String name) {
    return ((JsonNumber) member(object, name)).value().longValueExact();
  }

  static List<JsonValue> items(JsonObject object, String name) {
    return ((JsonArray) member(object, name)).items();
  }
}
