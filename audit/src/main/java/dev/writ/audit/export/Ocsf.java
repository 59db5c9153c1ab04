package dev.writ.audit.export;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.LineHash;
import dev.writ.contract.json.JsonWriter;
import java.util.Locale;
import java.util.Set;

/**
 * A decision as OCSF API Activity with the profiles {@code record_integrity} and {@code
 * security_control}. The fingerprint is that of the record in the log, which travels along as
 * {@code raw_data}; not of this rendering.
 */
final class Ocsf implements ExportFormat {
  private static final String SCHEMA = "1.9.0";
  private static final int CATEGORY = 6;
  private static final int CLASS = 6003;
  private static final int OTHER = 99;
  private static final int SHA_256 = 3;
  private static final int BASE64URL = 3;
  private static final int FLAT = 1;
  private static final int SERVICE_ACCOUNT = 4;

  /** Those that agents use; the schema has more and no place for others. */
  private static final Set<String> METHODS =
      Set.of(
          "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "REPORT",
          "SEARCH", "TRACE");

  private final String origin;

  Ocsf(String origin) {
    this.origin = origin;
  }

  @Override
  public String line(long index, String line, AuditRecord auditRecord) {
    if (!(auditRecord.entry() instanceof Entry.Call call)) {
      return "";
    }
    JsonWriter json = new JsonWriter().beginObject();
    classification(json, call);
    metadata(json, index, auditRecord);
    actor(json, call);
    json.name("api").beginObject().member("operation", operation(call));
    json.name("service")
        .beginObject()
        .member("name", call.service().isEmpty() ? call.pod() : call.service());
    json.endObject().endObject();
    endpoints(json, call);
    json.name("http_request").beginObject();
    if (METHODS.contains(call.method())) {
      json.member("http_method", call.method());
    }
    json.name("url").beginObject().member("path", call.target()).endObject().endObject();
    integrity(json, line, auditRecord);
    unmapped(json, call);
    return json.endObject() + "\n";
  }

  private static void classification(JsonWriter json, Entry.Call call) {
    int activity = activity(call.method());
    boolean allowed = call.decision() == Entry.Decision.ALLOW;
    json.member("activity_id", activity)
        .member("category_uid", CATEGORY)
        .member("class_uid", CLASS);
    json.member("type_uid", CLASS * 100L + activity).member("time", call.time().toEpochMilli());
    if (activity == OTHER) {
      json.member("activity_name", call.method());
    }
    json.member("severity_id", allowed ? 1 : 2);
    json.member("status_id", allowed ? 1 : 2).member("status", allowed ? "Success" : "Failure");
    if (call.code() != null) {
      json.member("status_code", call.code().code()).member("status_detail", call.code().title());
    }
    boolean through = allowed || call.mode() == Entry.Mode.AUDIT;
    json.member("action_id", through ? 1 : 2);
    json.member(
        "disposition_id",
        call.decision() == Entry.Decision.ERROR ? 27 : allowed ? 1 : through ? 17 : 2);
  }

  private static int activity(String method) {
    return switch (method) {
      case "POST" -> 1;
      case "GET", "HEAD", "OPTIONS" -> 2;
      case "PUT", "PATCH" -> 3;
      case "DELETE" -> 4;
      default -> OTHER;
    };
  }

  private static String operation(Entry.Call call) {
    return call.action() != null ? call.action() : call.method() + " " + call.target();
  }

  private void metadata(JsonWriter json, long index, AuditRecord auditRecord) {
    json.name("metadata")
        .beginObject()
        .member("version", SCHEMA)
        .member("uid", auditRecord.receipt());
    json.name("product")
        .beginObject()
        .member("name", "Writ")
        .member("vendor_name", "writ.dev")
        .endObject();
    json.name("profiles")
        .beginArray()
        .value("record_integrity")
        .value("security_control")
        .value("trace")
        .endArray();
    json.member("log_name", origin).member("original_event_uid", Long.toString(index));
    json.member("original_time", auditRecord.entry().time().toString()).endObject();
  }

  /**
   * Who holds the contract now. On whose behalf is in {@code unmapped}: OCSF has no chain of
   * delegation here.
   */
  private static void actor(JsonWriter json, Entry.Call call) {
    json.name("actor").beginObject();
    if (call.chain().isEmpty()) {
      json.member("app_name", "unknown");
    } else {
      Entry.Link leaf = call.chain().getLast();
      json.name("user").beginObject().member("uid", leaf.sub()).member("type_id", SERVICE_ACCOUNT);
      json.member("credential_uid", leaf.jkt()).endObject();
    }
    json.endObject();
  }

  private static void endpoints(JsonWriter json, Entry.Call call) {
    json.name("src_endpoint").beginObject();
    int colon = call.peer().lastIndexOf(':');
    String port = colon < 0 ? "" : call.peer().substring(colon + 1);
    String host =
        colon < 0 ? call.peer() : call.peer().substring(0, colon).replaceAll("[\\[\\]]", "");
    if (port.matches("[0-9]{1,5}") && !host.isEmpty()) {
      json.member("ip", host).member("port", Integer.parseInt(port));
    } else {
      json.member("name", call.peer().isEmpty() ? "unknown" : call.peer());
    }
    json.endObject().name("dst_endpoint").beginObject().member("name", call.pod());
    json.member("svc_name", call.service().isEmpty() ? call.pod() : call.service()).endObject();
    if (call.trace() != null) {
      json.name("trace").beginObject().member("uid", call.trace()).endObject();
    }
  }

  private void integrity(JsonWriter json, String line, AuditRecord auditRecord) {
    json.member("raw_data", line).name("attestation_list").beginArray().beginObject();
    json.member("uid", auditRecord.receipt())
        .member("chain_uid", origin + "/" + auditRecord.boot());
    json.member("authority_uid", origin);
    fingerprint(json, LineHash.of(line));
    if (!auditRecord.prev().isEmpty()) {
      json.name("prev_event").beginObject();
      json.member("uid", auditRecord.boot() + "." + (auditRecord.seq() - 1));
      fingerprint(json, auditRecord.prev());
      json.endObject();
    }
    json.endObject().endArray();
  }

  private static void fingerprint(JsonWriter json, String value) {
    json.name("fingerprint")
        .beginObject()
        .member("algorithm_id", SHA_256)
        .member("algorithm", "SHA-256");
    json.member("encoding_id", BASE64URL)
        .member("serialization_id", FLAT)
        .member("value", value)
        .endObject();
  }

  private static void unmapped(JsonWriter json, Entry.Call call) {
    json.name("unmapped").beginObject().member("mode", call.mode().name().toLowerCase(Locale.ROOT));
    json.member("method", call.method()).member("micros", call.micros()).name("chain").beginArray();
    for (Entry.Link link : call.chain()) {
      json.beginObject()
          .member("sub", link.sub())
          .member("cid", link.cid())
          .member("jti", link.jti())
          .endObject();
    }
    json.endArray().name("counts").beginArray();
    for (Entry.Count count : call.counts()) {
      json.beginObject().member("cid", count.cid()).member("limit", count.limit());
      json.member("used", count.used()).endObject();
    }
    json.endArray();
    if (call.parent() != null) {
      json.member("parent", call.parent());
    }
    json.endObject();
  }
}
