package dev.writ.audit.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.Entry.Decision;
import dev.writ.audit.log.LogFixture;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Exported events against the schema of OCSF 1.9 ({@code ocsf/README.md} says where it is from).
 */
class OcsfSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private JsonNode schema;

  @BeforeEach
  void read() throws IOException {
    try (InputStream in = OcsfSchemaTest.class.getResourceAsStream("/ocsf/api_activity.json")) {
      schema = JSON.readTree(in);
    }
  }

  private static Entry.Call call(
      String service,
      Decision decision,
      ErrorCode code,
      Entry.Mode mode,
      String action,
      String method,
      List<Entry.Link> chain,
      String peer,
      String trace) {
    return new Entry.Call(
        LogFixture.now(),
        "bank/ledger-0",
        service,
        decision,
        code,
        mode,
        action,
        method,
        "/v1/transfers",
        chain,
        null,
        null,
        List.of(new Entry.Count(LogFixture.CID, 1000, 17)),
        peer,
        trace == null ? null : "0000000000000002.9",
        trace,
        85);
  }

  /** Every decision, mode, method, kind of peer and chain, beside each other. */
  private static List<Entry.Call> calls() {
    Entry.Link link =
        new Entry.Link("spiffe://cluster.local/ns/plan/sa/billing", LogFixture.CID, "jti", "jkt");
    List<Entry.Call> calls = new ArrayList<>();
    for (Decision decision : Decision.values()) {
      for (Entry.Mode mode : Entry.Mode.values()) {
        for (String method : List.of("GET", "POST", "PATCH", "DELETE", "PURGE", "get", "")) {
          boolean odd = calls.size() % 2 == 1;
          calls.add(
              call(
                  odd ? "" : "spiffe://cluster.local/ns/bank/svc/ledger",
                  decision,
                  decision == Decision.ALLOW ? null : ErrorCode.ARGUMENT_NOT_ALLOWED,
                  mode,
                  odd ? null : "transfer",
                  method,
                  odd ? List.of() : List.of(link, link),
                  List.of("127.0.0.1:4711", "[2001:db8::1]:80", "unix", "").get(calls.size() % 4),
                  odd ? null : "4bf92f3577b34da6a3ce929d0e0e4736"));
        }
      }
    }
    return calls;
  }

  private static List<JsonNode> events() throws IOException, MalformedException {
    LogFixture.Gate gate = new LogFixture.Gate(1);
    calls().forEach(gate::add);
    ExportFormat format = ExportFormat.ocsf(LogFixture.ORIGIN);
    List<JsonNode> events = new ArrayList<>();
    for (String line : gate.lines()) {
      String event = format.line(events.size(), line, AuditRecord.parse(line));
      if (!event.isEmpty()) {
        events.add(JSON.readTree(event));
      }
    }
    return events;
  }

  @Test
  void everyEventIsOneOfTheSchema() throws IOException, MalformedException {
    // Given
    List<JsonNode> events = events();
    // Then
    assertThat(events).hasSize(calls().size());
    for (JsonNode event : events) {
      assertThat(JsonSchema.faults(schema, event)).as("%s", event).isEmpty();
    }
  }

  @Test
  void theSchemaFindsWhatIsWrong() throws IOException, MalformedException {
    // Given
    ObjectNode event = (ObjectNode) events().getFirst();
    event.put("activity_id", 7);
    event.put("colour", "red");
    event.remove("metadata");
    ((ObjectNode) event.get("src_endpoint")).put("ip", "somewhere").put("port", "http");
    // Then
    assertThat(JsonSchema.faults(schema, event))
        .anyMatch(fault -> fault.startsWith("/activity_id 7 is not one of"))
        .contains("/ has colour", "/ has no metadata")
        .anyMatch(fault -> fault.startsWith("/src_endpoint/ip"))
        .anyMatch(fault -> fault.startsWith("/src_endpoint/port"));
  }
}
