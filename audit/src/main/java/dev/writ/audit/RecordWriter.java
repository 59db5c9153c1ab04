package dev.writ.audit;

import dev.writ.contract.json.JsonWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Record to line. Members that do not apply are absent, never null. */
final class RecordWriter {
  static final int VERSION = 1;
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private RecordWriter() {}

  static String write(AuditRecord auditRecord) {
    Entry entry = auditRecord.entry();
    JsonWriter json =
        new JsonWriter()
            .beginObject()
            .member("v", VERSION)
            .member("kind", kind(entry))
            .member("boot", auditRecord.boot())
            .member("seq", auditRecord.seq())
            .member("prev", auditRecord.prev())
            .member("time", TIME.format(entry.time()))
            .member("pod", entry.pod());
    switch (entry) {
      case Entry.Start start -> start(json, start);
      case Entry.Stop stop -> {}
      case Entry.Call call -> call(json, call);
      case Entry.End end -> end(json, end);
      case OperatorEntry own -> OperatorRecords.write(json, own);
    }
    return json.endObject().toString();
  }

  private static String kind(Entry entry) {
    return switch (entry) {
      case Entry.Start start -> "start";
      case Entry.Stop stop -> "stop";
      case Entry.Call call -> "call";
      case Entry.End end -> "end";
      case OperatorEntry own -> own.kind();
    };
  }

  private static void start(JsonWriter json, Entry.Start start) {
    optional(json, "uid", start.uid());
    optional(json, "previousBoot", start.previousBoot());
    if (start.previousBoot() != null) {
      json.member("previousSeq", start.previousSeq());
    }
  }

  private static void end(JsonWriter json, Entry.End end) {
    json.member("of", end.of())
        .member("upstreamStatus", end.upstreamStatus())
        .member("micros", end.micros());
    optional(json, "code", end.code() == null ? null : end.code().code());
  }

  private static void call(JsonWriter json, Entry.Call call) {
    json.member("service", call.service()).member("decision", word(call.decision()));
    optional(json, "code", call.code() == null ? null : call.code().code());
    json.member("mode", word(call.mode()));
    optional(json, "action", call.action());
    json.member("method", call.method()).member("target", call.target());
    chain(json, call.chain());
    optional(json, "proof", call.proof());
    optional(json, "bodyDigest", call.bodyDigest());
    counts(json, call.counts());
    json.member("peer", call.peer());
    optional(json, "parent", call.parent());
    optional(json, "trace", call.trace());
    json.member("micros", call.micros());
  }

  private static void chain(JsonWriter json, List<Entry.Link> chain) {
    if (chain.isEmpty()) {
      return;
    }
    json.name("chain").beginArray();
    for (Entry.Link link : chain) {
      json.beginObject()
          .member("sub", link.sub())
          .member("cid", link.cid())
          .member("jti", link.jti())
          .member("jkt", link.jkt())
          .endObject();
    }
    json.endArray();
  }

  private static void counts(JsonWriter json, List<Entry.Count> counts) {
    if (counts.isEmpty()) {
      return;
    }
    json.name("counts").beginArray();
    for (Entry.Count count : counts) {
      json.beginObject()
          .member("cid", count.cid())
          .member("limit", count.limit())
          .member("used", count.used())
          .endObject();
    }
    json.endArray();
  }

  private static void optional(JsonWriter json, String name, @Nullable String value) {
    if (value != null) {
      json.member(name, value);
    }
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
