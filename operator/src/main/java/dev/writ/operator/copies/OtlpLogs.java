package dev.writ.operator.copies;

import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.contract.json.JsonWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Records as {@code ExportLogsServiceRequest} (OTLP 1.x, JSON): the record itself is the body, what
 * is searched for are attributes. Integers of 64 bits are strings there.
 *
 * @param origin of the log
 */
record OtlpLogs(String origin) implements CopyFormat {
  private static final int INFO = 9;
  private static final int WARN = 13;
  private static final int ERROR = 17;
  private static final String TRACE_ID = "[0-9a-f]{32}";

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public byte[] encode(List<Copy> copies) {
    JsonWriter json = new JsonWriter().beginObject().name("resourceLogs").beginArray();
    json.beginObject().name("resource").beginObject().name("attributes").beginArray();
    text(json, "service.name", "writ");
    text(json, "writ.log.origin", origin);
    json.endArray().endObject().name("scopeLogs").beginArray().beginObject();
    json.name("scope").beginObject().member("name", "writ.dev/log").endObject();
    json.name("logRecords").beginArray();
    copies.forEach(copy -> record(json, copy));
    json.endArray().endObject().endArray().endObject().endArray().endObject();
    return json.toBytes();
  }

  private static void record(JsonWriter json, Copy copy) {
    Entry entry = copy.stored().entry();
    int severity = severity(entry);
    json.beginObject()
        .member("timeUnixNano", nanos(entry.time()))
        .member("severityNumber", severity)
        .member("severityText", severity == INFO ? "INFO" : severity == WARN ? "WARN" : "ERROR")
        .member("eventName", "writ." + kind(entry))
        .name("body")
        .beginObject()
        .member("stringValue", copy.stored().toLine())
        .endObject();
    if (entry instanceof Entry.Call call
        && call.trace() != null
        && call.trace().matches(TRACE_ID)) {
      json.member("traceId", call.trace());
    }
    json.name("attributes").beginArray();
    text(json, "writ.receipt", copy.stored().receipt());
    number(json, "writ.log.index", copy.index());
    text(json, "k8s.pod.name", entry.pod().substring(entry.pod().indexOf('/') + 1));
    if (entry instanceof Entry.Call call) {
      call(json, call);
    }
    json.endArray().endObject();
  }

  private static void call(JsonWriter json, Entry.Call call) {
    text(json, "writ.decision", call.decision().name().toLowerCase(Locale.ROOT));
    text(json, "http.request.method", call.method());
    text(json, "url.path", call.target());
    if (!call.service().isEmpty()) {
      text(json, "writ.service", call.service());
    }
    if (call.code() != null) {
      text(json, "writ.code", call.code().code());
    }
    if (call.action() != null) {
      text(json, "writ.action", call.action());
    }
    if (!call.chain().isEmpty()) {
      text(json, "writ.caller", call.chain().getLast().sub());
      text(json, "writ.capability", call.chain().getFirst().cid());
    }
  }

  static String kind(Entry entry) {
    return switch (entry) {
      case Entry.Start _ -> "start";
      case Entry.Stop _ -> "stop";
      case Entry.Call _ -> "call";
      case Entry.End _ -> "end";
      case OperatorEntry own -> own.kind();
    };
  }

  private static int severity(Entry entry) {
    return switch (entry) {
      case Entry.Call call ->
          switch (call.decision()) {
            case ALLOW -> INFO;
            case DENY -> WARN;
            case ERROR -> ERROR;
          };
      case Entry.Start _, Entry.Stop _, Entry.End _, OperatorEntry _ -> INFO;
    };
  }

  private static String nanos(Instant time) {
    return time.getEpochSecond() + "%09d".formatted(time.getNano());
  }

  private static void text(JsonWriter json, String key, String value) {
    json.beginObject().member("key", key).name("value").beginObject();
    json.member("stringValue", value).endObject().endObject();
  }

  private static void number(JsonWriter json, String key, long value) {
    json.beginObject().member("key", key).name("value").beginObject();
    json.member("intValue", Long.toString(value)).endObject().endObject();
  }
}
