package dev.writ.audit;

import dev.writ.audit.OperatorEntry.BootTotals;
import dev.writ.audit.OperatorEntry.Totals;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Members of the operator's own records, to and from JSON. */
final class OperatorRecords {
  private static final long MAX = Long.MAX_VALUE;

  private OperatorRecords() {}

  static void write(JsonWriter json, OperatorEntry entry) {
    switch (entry) {
      case OperatorEntry.Issue issue -> issue(json, issue);
      case OperatorEntry.Revoke revoke -> revoke(json, revoke);
      case OperatorEntry.Rotate rotate ->
          json.member("what", RecordWriter.word(rotate.what()))
              .member("current", rotate.current())
              .member("trusted", rotate.trusted());
      case OperatorEntry.Grant grant -> totals(json, grant.totals());
      case OperatorEntry.Settle settle -> totals(json, settle.totals());
    }
  }

  private static void issue(JsonWriter json, OperatorEntry.Issue issue) {
    json.member("holder", issue.holder());
    if (issue.uid() != null) {
      json.member("uid", issue.uid());
    }
    json.member("sub", issue.sub()).member("jkt", issue.jkt()).member("services", issue.services());
    json.name("contracts").beginArray();
    for (OperatorEntry.Contract contract : issue.contracts()) {
      json.beginObject()
          .member("cid", contract.cid())
          .member("name", contract.name())
          .member("gen", contract.gen())
          .member("jti", contract.jti())
          .member("exp", contract.exp())
          .endObject();
    }
    json.endArray();
  }

  private static void revoke(JsonWriter json, OperatorEntry.Revoke revoke) {
    json.member("list", revoke.list())
        .member("cids", revoke.cids())
        .member("jtis", revoke.jtis())
        .member("jkts", revoke.jkts())
        .name("gens")
        .beginArray();
    for (OperatorEntry.Generation generation : revoke.gens()) {
      json.beginObject()
          .member("cid", generation.cid())
          .member("gen", generation.gen())
          .endObject();
    }
    json.endArray();
  }

  private static void totals(JsonWriter json, Totals totals) {
    json.member("path", totals.path())
        .member("generation", totals.generation())
        .member("limit", totals.limit())
        .member("used", totals.used())
        .member("held", totals.held())
        .member("stranded", totals.stranded());
    BootTotals of = totals.of();
    if (of != null) {
      json.name("of")
          .beginObject()
          .member("boot", of.boot())
          .member("uid", of.uid())
          .member("granted", of.granted())
          .member("returned", of.returned())
          .member("spent", of.spent())
          .member("lost", of.lost())
          .member("closed", of.closed())
          .endObject();
    }
  }

  /** The entry of that kind, null when the operator has no such kind. */
  static @Nullable OperatorEntry read(String kind, Members members, Instant time, String pod)
      throws MalformedException {
    try {
      return switch (kind) {
        case "issue" -> issue(members, time, pod);
        case "revoke" -> revoke(members, time, pod);
        case "rotate" ->
            new OperatorEntry.Rotate(
                time,
                pod,
                RecordReader.word(members, "what", OperatorEntry.Signing.values()),
                members.string("current"),
                members.strings("trusted"));
        case "grant" -> new OperatorEntry.Grant(time, pod, totals(members));
        case "settle" -> new OperatorEntry.Settle(time, pod, totals(members));
        default -> null;
      };
    } catch (IllegalArgumentException e) {
      throw members.error(String.valueOf(e.getMessage()));
    }
  }

  private static OperatorEntry issue(Members members, Instant time, String pod)
      throws MalformedException {
    List<OperatorEntry.Contract> contracts = new ArrayList<>();
    for (JsonValue item : members.array("contracts")) {
      Members contract = Members.of("record.contracts", item);
      contracts.add(
          new OperatorEntry.Contract(
              contract.string("cid"),
              contract.string("name"),
              contract.integer("gen", 0, MAX),
              contract.string("jti"),
              contract.integer("exp", 0, MAX)));
      contract.end();
    }
    return new OperatorEntry.Issue(
        time,
        pod,
        members.string("holder"),
        members.has("uid") ? members.string("uid") : null,
        members.string("sub"),
        members.string("jkt"),
        members.strings("services"),
        contracts);
  }

  private static OperatorEntry revoke(Members members, Instant time, String pod)
      throws MalformedException {
    List<OperatorEntry.Generation> gens = new ArrayList<>();
    for (JsonValue item : members.array("gens")) {
      Members generation = Members.of("record.gens", item);
      gens.add(
          new OperatorEntry.Generation(
              generation.string("cid"), generation.integer("gen", 0, MAX)));
      generation.end();
    }
    return new OperatorEntry.Revoke(
        time,
        pod,
        members.integer("list", 0, MAX),
        members.strings("cids"),
        members.strings("jtis"),
        members.strings("jkts"),
        gens);
  }

  private static Totals totals(Members members) throws MalformedException {
    return new Totals(
        members.string("path"),
        members.integer("generation", 1, MAX),
        members.integer("limit", 0, MAX),
        members.integer("used", 0, MAX),
        members.integer("held", 0, MAX),
        members.integer("stranded", 0, MAX),
        members.has("of") ? of(members.object("of")) : null);
  }

  private static BootTotals of(Members members) throws MalformedException {
    BootTotals totals =
        new BootTotals(
            members.string("boot"),
            members.string("uid"),
            members.integer("granted", 0, MAX),
            members.integer("returned", 0, MAX),
            members.integer("spent", 0, MAX),
            members.integer("lost", 0, MAX),
            members.bool("closed"));
    members.end();
    return totals;
  }
}
