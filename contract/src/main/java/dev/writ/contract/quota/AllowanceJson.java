package dev.writ.contract.quota;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest.Closing;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Messages to JSON and back; what is not written here does not parse. */
final class AllowanceJson {
  private static final long MAX = (1L << 53) - 1;
  private static final Pattern BOOT = Pattern.compile("[0-9a-f]{16}");

  private AllowanceJson() {}

  static String write(AllowanceRequest request) {
    JsonWriter json = new JsonWriter().beginObject().member("boot", request.boot());
    json.name("items").beginArray();
    for (AllowanceRequest.Item item : request.items()) {
      json.beginObject()
          .member("path", item.path())
          .member("limit", item.limit())
          .member("need", item.need())
          .member("returned", item.returned())
          .member("spent", item.spent())
          .member("leaf", item.leaf())
          .endObject();
    }
    json.endArray().name("rates").beginArray();
    for (AllowanceRequest.Rate rate : request.rates()) {
      json.beginObject()
          .member("path", rate.path())
          .member("calls", rate.calls())
          .member("seconds", rate.seconds())
          .member("window", rate.window())
          .member("need", rate.need())
          .endObject();
    }
    json.endArray();
    if (request.closing() != null) {
      closing(json, request.closing());
    }
    return json.endObject().toString();
  }

  private static void closing(JsonWriter json, Closing closing) {
    json.name("closing").beginObject().name("settled").beginArray();
    for (Settled settled : closing.settled()) {
      json.beginObject().member("boot", settled.boot()).name("counters").beginArray();
      for (Counter counter : settled.counters()) {
        json.beginObject()
            .member("counter", counter.name().text())
            .member("spent", counter.spent())
            .endObject();
      }
      json.endArray().endObject();
    }
    json.endArray();
    if (closing.known() != null) {
      json.member("known", closing.known());
    }
    json.endObject();
  }

  static String write(AllowanceAnswer answer) {
    JsonWriter json = new JsonWriter().beginObject().name("items").beginArray();
    for (AllowanceAnswer.Item item : answer.items()) {
      json.beginObject()
          .member("path", item.path())
          .member("granted", item.granted())
          .member("final", item.exhausted())
          .member("limit", item.limit())
          .member("others", item.others())
          .endObject();
    }
    json.endArray().name("rates").beginArray();
    for (AllowanceAnswer.Rate rate : answer.rates()) {
      json.beginObject()
          .member("path", rate.path())
          .member("window", rate.window())
          .member("granted", rate.granted())
          .member("remainingMillis", rate.remainingMillis())
          .member("state", word(rate.state()))
          .endObject();
    }
    return json.endArray().member("closed", answer.closed()).endObject().toString();
  }

  static AllowanceRequest request(byte[] utf8) throws MalformedException {
    Members members = read(utf8);
    String boot = boot(members, members.string("boot"));
    List<AllowanceRequest.Item> items = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (JsonValue value : bounded(members, "items", AllowanceRequest.MAX_ITEMS)) {
      Members item = Members.of("items", value);
      items.add(
          new AllowanceRequest.Item(
              path(item, paths),
              item.integer("limit", 0, MAX),
              item.integer("need", 0, MAX),
              item.integer("returned", 0, MAX),
              item.integer("spent", 0, MAX),
              item.bool("leaf")));
      item.end();
    }
    List<AllowanceRequest.Rate> rates = new ArrayList<>();
    paths.clear();
    for (JsonValue value : bounded(members, "rates", AllowanceRequest.MAX_ITEMS)) {
      Members rate = Members.of("rates", value);
      rates.add(
          new AllowanceRequest.Rate(
              path(rate, paths),
              rate.integer("calls", 0, MAX),
              rate.integer("seconds", 1, MAX),
              rate.integer("window", 0, MAX),
              rate.integer("need", 0, MAX)));
      rate.end();
    }
    Closing closing = members.has("closing") ? closing(members.object("closing")) : null;
    members.end();
    return new AllowanceRequest(boot, items, rates, closing);
  }

  private static Closing closing(Members members) throws MalformedException {
    List<Settled> settled = new ArrayList<>();
    Set<String> boots = new HashSet<>();
    int left = AllowanceRequest.MAX_CLOSING;
    for (JsonValue value : bounded(members, "settled", AllowanceRequest.MAX_CLOSING)) {
      Members one = Members.of("closing.settled", value);
      String boot = boot(one, one.string("boot"));
      if (!boots.add(boot)) {
        throw one.error("a boot twice");
      }
      List<Counter> counters = counters(one, left);
      left -= counters.size();
      settled.add(new Settled(boot, counters));
      one.end();
    }
    @Nullable List<String> known = null;
    if (members.has("known")) {
      known = new ArrayList<>();
      for (JsonValue value : bounded(members, "known", AllowanceRequest.MAX_CLOSING)) {
        known.add(boot(members, value instanceof JsonString text ? text.value() : ""));
      }
    }
    members.end();
    return new Closing(settled, known);
  }

  private static List<Counter> counters(Members members, int max) throws MalformedException {
    List<Counter> counters = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonValue value : bounded(members, "counters", max)) {
      Members counter = Members.of("counters", value);
      CounterName name = CounterName.parse(counter.string("counter"));
      if (!names.add(name.text())) {
        throw counter.error("a counter twice");
      }
      counters.add(new Counter(name, counter.integer("spent", 0, MAX)));
      counter.end();
    }
    return counters;
  }

  static AllowanceAnswer answer(byte[] utf8) throws MalformedException {
    Members members = read(utf8);
    List<AllowanceAnswer.Item> items = new ArrayList<>();
    Set<String> paths = new HashSet<>();
    for (JsonValue value : bounded(members, "items", AllowanceRequest.MAX_ITEMS)) {
      Members item = Members.of("items", value);
      items.add(
          new AllowanceAnswer.Item(
              path(item, paths),
              item.integer("granted", 0, MAX),
              item.bool("final"),
              item.integer("limit", 0, MAX),
              item.integer("others", 0, MAX)));
      item.end();
    }
    List<AllowanceAnswer.Rate> rates = new ArrayList<>();
    paths.clear();
    for (JsonValue value : bounded(members, "rates", AllowanceRequest.MAX_ITEMS)) {
      Members rate = Members.of("rates", value);
      rates.add(
          new AllowanceAnswer.Rate(
              path(rate, paths),
              rate.integer("window", 0, MAX),
              rate.integer("granted", 0, MAX),
              rate.integer("remainingMillis", 0, MAX),
              state(rate)));
      rate.end();
    }
    List<String> closed = members.strings("closed");
    for (String boot : closed) {
      boot(members, boot);
    }
    members.end();
    return new AllowanceAnswer(items, rates, closed);
  }

  private static Members read(byte[] utf8) throws MalformedException {
    if (utf8.length > AllowanceRequest.MAX_BYTES) {
      throw new MalformedException(
          "allowances: more than " + AllowanceRequest.MAX_BYTES + " bytes");
    }
    return Members.of("allowances", StrictJson.document(utf8));
  }

  private static List<JsonValue> bounded(Members members, String name, int max)
      throws MalformedException {
    List<JsonValue> values = members.array(name);
    if (values.size() > max) {
      throw members.error(name + " has more than " + max);
    }
    return values;
  }

  private static String path(Members members, Set<String> seen) throws MalformedException {
    String path = members.string("path");
    if (!CounterPath.isValid(path)) {
      throw members.error("path is not one to five cids joined by /");
    }
    if (!seen.add(path)) {
      throw members.error("path twice");
    }
    return path;
  }

  private static String boot(Members members, String text) throws MalformedException {
    if (!BOOT.matcher(text).matches()) {
      throw members.error("boot is not 16 lower-case hex digits");
    }
    return text;
  }

  private static WindowState state(Members members) throws MalformedException {
    String text = members.string("state");
    for (WindowState state : WindowState.values()) {
      if (word(state).equals(text)) {
        return state;
      }
    }
    throw members.error("unknown state");
  }

  private static String word(WindowState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
