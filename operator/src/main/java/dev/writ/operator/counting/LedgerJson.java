package dev.writ.operator.counting;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Members;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.operator.ledger.BootTotals;
import dev.writ.operator.ledger.LedgerState;
import dev.writ.operator.ledger.PathEntry;
import dev.writ.operator.ledger.RateClaim;
import java.util.ArrayList;
import java.util.List;

/**
 * A ledger's state as {@code status} of a CallLedger. Strict: an operator that does not know a
 * member would drop it with its next write. (crd.md, CallLedger)
 */
final class LedgerJson {
  private static final long MAX = Long.MAX_VALUE;

  private LedgerJson() {}

  static void write(JsonWriter json, LedgerState state) {
    json.beginObject().member("previous", state.previous()).name("entries").beginArray();
    for (PathEntry entry : state.entries()) {
      json.beginObject()
          .member("path", entry.path())
          .member("generation", entry.generation())
          .member("limit", entry.limit())
          .member("used", entry.used())
          .member("stranded", entry.stranded())
          .name("boots")
          .beginArray();
      for (BootTotals boot : entry.boots()) {
        json.beginObject()
            .member("boot", boot.boot())
            .member("podUID", boot.podUid())
            .member("granted", boot.granted())
            .member("returned", boot.returned())
            .member("spent", boot.spent())
            .member("lost", boot.lost())
            .member("closed", boot.closed())
            .endObject();
      }
      json.endArray().endObject();
    }
    json.endArray().name("rateWindows").beginArray();
    for (RateClaim claim : state.claims()) {
      json.beginObject()
          .member("seconds", claim.seconds())
          .member("start", claim.start())
          .member("leader", claim.leader())
          .endObject();
    }
    json.endArray().endObject();
  }

  static LedgerState read(JsonValue status) throws MalformedException {
    Members members = Members.of("status", status);
    List<PathEntry> entries = new ArrayList<>();
    for (JsonValue item : list(members, "entries")) {
      Members entry = Members.of("status.entries", item);
      try {
        entries.add(
            new PathEntry(
                entry.string("path"),
                entry.integer("generation", 0, MAX),
                entry.integer("limit", 0, MAX),
                number(entry, "used"),
                number(entry, "stranded"),
                boots(entry)));
      } catch (IllegalArgumentException e) {
        throw entry.error(String.valueOf(e.getMessage()));
      }
      entry.end();
    }
    List<RateClaim> claims = new ArrayList<>();
    for (JsonValue item : list(members, "rateWindows")) {
      Members claim = Members.of("status.rateWindows", item);
      claims.add(
          new RateClaim(
              claim.integer("seconds", 1, MAX),
              claim.integer("start", 0, MAX),
              claim.string("leader")));
      claim.end();
    }
    String previous = members.has("previous") ? members.string("previous") : "";
    members.end();
    return new LedgerState(previous, entries, claims);
  }

  private static List<BootTotals> boots(Members entry) throws MalformedException {
    List<BootTotals> boots = new ArrayList<>();
    for (JsonValue item : list(entry, "boots")) {
      Members boot = Members.of("status.entries.boots", item);
      boots.add(
          new BootTotals(
              boot.string("boot"),
              boot.string("podUID"),
              number(boot, "granted"),
              number(boot, "returned"),
              number(boot, "spent"),
              number(boot, "lost"),
              boot.has("closed") && boot.bool("closed")));
      boot.end();
    }
    return boots;
  }

  private static List<JsonValue> list(Members members, String name) throws MalformedException {
    return members.has(name) ? members.array(name) : List.of();
  }

  private static long number(Members members, String name) throws MalformedException {
    return members.has(name) ? members.integer(name, 0, MAX) : 0;
  }
}
