package dev.writ.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** One enum for response, log, metric and documentation. */
class ErrorCodeTest {
  @Test
  void codesAreTheNamesOfTheEnum() throws Exception {
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(code.code()).isEqualTo(code.name().toLowerCase(Locale.ROOT).replace('_', '-'));
      assertThat(ErrorCode.of(code.code())).contains(code);
      assertThat(code.title()).endsWith(".");
      String json = new Problem(code, "0011223344556677.1", 10L, 10L, 5L).json();
      assertThat(StrictJson.document(json.getBytes(StandardCharsets.UTF_8))).isNotNull();
      assertThat(json)
          .contains("\"type\":\"https://writ.dev/errors/" + code.code() + "\"")
          .contains("\"resetAt\":5");
    }
    assertThat(ErrorCode.of("nonsense")).isEmpty();
  }

  @Test
  void idsHaveOneSpelling() throws Exception {
    String id = "spiffe://cluster.local/ns/plan/sa/agent.a-1";
    assertThat(SpiffeId.parse(id))
        .isEqualTo(SpiffeId.workload("cluster.local", "plan", "agent.a-1"))
        .hasToString(id);
    for (String bad :
        new String[] {
          "",
          "spiffe://",
          id + "/",
          id + "?x",
          "SPIFFE" + id.substring(6),
          id.replace("plan", "Plan"),
          id.replace("/sa/", "/svc/"),
          id.replace("/sa/", "/pod/"),
          id.replace("cluster.local", ""),
          id.replace("/ns/", "/n/"),
          id.replace("plan", "%70lan"),
          id.replace("agent", "-agent"),
          "spiffe://cluster.local:80/ns/plan/sa/a",
          "spiffe://u@cluster.local/ns/plan/sa/a"
        }) {
      assertThatThrownBy(() -> SpiffeId.parse(bad)).as(bad).isInstanceOf(MalformedException.class);
    }
  }
}
