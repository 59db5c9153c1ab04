package dev.writ.audit.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.log.LogFixture;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExportFormatTest {
  private final LogFixture.Gate gate = new LogFixture.Gate(1);

  private List<String> export(ExportFormat format) {
    gate.add(
        LogFixture.call(
            "/v1/\"a\",b",
            Entry.Decision.ALLOW,
            null,
            "0000000000000002.9",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            List.of(new Entry.Count(LogFixture.CID, 1000, 17))));
    gate.add(new Entry.End(LogFixture.now(), "bank/ledger-0", 2, 200, 9));
    gate.add(LogFixture.denied("=cmd()"));
    gate.stop();
    return IntStream.range(0, gate.lines().size())
        .mapToObj(i -> format.line(i, gate.lines().get(i), parse(gate.lines().get(i))))
        .toList();
  }

  private static AuditRecord parse(String line) {
    try {
      return AuditRecord.parse(line);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void jsonLinesAreTheRecordsThemselves() {
    assertThat(String.join("", export(ExportFormat.json())))
        .isEqualTo(String.join("\n", gate.lines()) + "\n");
  }

  @Test
  void csvHasARowPerRecordAndNoFormulas() {
    List<String> rows = export(ExportFormat.csv());
    assertThat(rows).hasSize(5).allMatch(row -> row.endsWith("\r\n"));
    assertThat(rows.get(1)).contains("\"/v1/\"\"a\"\",b\"").contains(",17,1000,127.0.0.1:4711,");
    assertThat(rows.get(3))
        .contains("\"'=cmd()\"")
        .contains(",deny,argument-not-allowed,enforce,transfer,POST,");
    int columns = ExportFormat.csv().header().split(",", -1).length;
    for (int i : List.of(0, 2, 3, 4)) {
      assertThat(rows.get(i).split(",", -1)).hasSize(columns);
    }
    assertThat(rows.get(2)).endsWith(",2,200,9\r\n");
  }

  /** What the published schema of OCSF 1.9 requires of API Activity and of the objects in it. */
  @Test
  void ocsfHasWhatTheSchemaRequires() throws IOException {
    List<String> lines = export(ExportFormat.ocsf(LogFixture.ORIGIN));
    assertThat(lines.stream().filter(String::isEmpty)).hasSize(3);
    JsonNode allowed = new ObjectMapper().readTree(lines.get(1));
    JsonNode denied = new ObjectMapper().readTree(lines.get(3));
    for (JsonNode event : List.of(allowed, denied)) {
      for (String required :
          List.of(
              "/activity_id",
              "/category_uid",
              "/class_uid",
              "/type_uid",
              "/time",
              "/severity_id",
              "/metadata/version",
              "/metadata/product/name",
              "/actor/user/uid",
              "/api/operation",
              "/src_endpoint/ip",
              "/http_request/url/path",
              "/attestation_list/0/fingerprint/value",
              "/attestation_list/0/fingerprint/algorithm_id")) {
        assertThat(event.at(required).isMissingNode()).as(required).isFalse();
      }
      assertThat(event.get("type_uid").asLong()).isEqualTo(600301);
      assertThat(event.get("category_uid").asInt()).isEqualTo(6);
    }
    assertThat(allowed.get("status_id").asInt()).isEqualTo(1);
    assertThat(allowed.at("/trace/uid").asText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(denied.get("disposition_id").asInt()).isEqualTo(2);
    assertThat(denied.get("status_code").asText()).isEqualTo("argument-not-allowed");
    assertThat(denied.get("raw_data").asText()).isEqualTo(gate.lines().get(3));
    assertThat(denied.at("/attestation_list/0/prev_event/uid").asText())
        .isEqualTo(gate.boot() + ".3");
  }
}
