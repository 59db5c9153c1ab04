package dev.writ.operator.records;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.capability.Usage;
import dev.writ.operator.capability.Usage.Denial;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The sums of one capability in a summary of the log. */
final class UsageJson {
  private UsageJson() {}

  static void write(JsonWriter json, Usage usage) {
    json.beginObject().member("allowed", usage.allowed()).member("denied", usage.denied());
    if (usage.lastTime() != null) {
      json.member("lastTime", usage.lastTime().toString());
    }
    chain(json.name("lastChain"), usage.lastChain());
    json.name("denials").beginArray();
    for (Denial denial : usage.denials()) {
      json.beginObject().member("time", denial.time().toString()).member("code", denial.code());
      if (denial.action() != null) {
        json.member("action", denial.action());
      }
      chain(json.name("chain"), denial.chain());
      json.member("receipt", denial.receipt()).endObject();
    }
    json.endArray().endObject();
  }

  /** A chain may name one workload twice, so it is no set of strings. */
  private static void chain(JsonWriter json, List<String> chain) {
    json.value(String.join(" ", chain));
  }

  private static List<String> chain(Members members, String name) throws MalformedException {
    String text = members.string(name);
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }

  static Usage read(Members usage) throws MalformedException {
    List<Denial> denials = new ArrayList<>();
    for (JsonValue each : usage.array("denials")) {
      Members denial = Members.of("denials", each);
      denials.add(
          new Denial(
              time(denial, "time"),
              denial.string("code"),
              denial.has("action") ? denial.string("action") : null,
              chain(denial, "chain"),
              denial.string("receipt")));
      denial.end();
    }
    Usage read =
        new Usage(
            usage.integer("allowed", 0, Long.MAX_VALUE),
            usage.integer("denied", 0, Long.MAX_VALUE),
            usage.has("lastTime") ? time(usage, "lastTime") : null,
            denials,
            chain(usage, "lastChain"));
    usage.end();
    return read;
  }

  private static Instant time(Members members, String name) throws MalformedException {
    try {
      return Instant.parse(members.string(name));
    } catch (DateTimeException e) {
      throw members.error(name + " is not a time");
    }
  }
}
