package dev.writ.audit.trace;

import dev.writ.audit.Entry;
import dev.writ.contract.json.JsonWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Call trees as JSON: an array of calls, each with its {@code children}. */
public final class CallJson {
  private CallJson() {}

  /** One line without a line feed. */
  public static String of(List<CallNode> trees) {
    JsonWriter json = new JsonWriter().beginArray();
    trees.forEach(tree -> node(json, tree));
    return json.endArray().toString();
  }

  private static void node(JsonWriter json, CallNode node) {
    Entry.Call call = node.call();
    json.beginObject().member("receipt", node.receipt()).member("index", node.index());
    json.member("time", call.time().toString())
        .member("pod", call.pod())
        .member("service", call.service());
    json.member("decision", call.decision().name().toLowerCase(Locale.ROOT));
    optional(json, "code", call.code() == null ? null : call.code().code());
    json.member("mode", call.mode().name().toLowerCase(Locale.ROOT));
    optional(json, "action", call.action());
    json.member("method", call.method())
        .member("target", call.target())
        .member("peer", call.peer());
    json.name("chain").beginArray();
    call.chain()
        .forEach(
            link ->
                json.beginObject().member("sub", link.sub()).member("cid", link.cid()).endObject());
    json.endArray().name("counts").beginArray();
    for (Entry.Count count : call.counts()) {
      json.beginObject().member("cid", count.cid()).member("limit", count.limit());
      json.member("used", count.used()).endObject();
    }
    json.endArray();
    optional(json, "parent", call.parent());
    optional(json, "trace", call.trace());
    Entry.End end = node.end();
    if (end != null) {
      json.member("upstreamStatus", end.upstreamStatus());
      optional(json, "endedBy", end.code() == null ? null : end.code().code());
    }
    json.name("children").beginArray();
    node.children().forEach(child -> node(json, child));
    json.endArray().endObject();
  }

  private static void optional(JsonWriter json, String name, @Nullable String value) {
    if (value != null) {
      json.member(name, value);
    }
  }
}
