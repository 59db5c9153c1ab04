package dev.writ.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilityTableTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:02:00Z");

  @Test
  void usageAndReasonStandBesideTheName() {
    // Given
    var capability =
        resource(
            """
            {"apiVersion":"writ.dev/v1alpha1","kind":"AgentCapability",
             "metadata":{"name":"billing-may-transfer","namespace":"bank","creationTimestamp":"2026-11-23T10:00:00Z"},
             "spec":{"source":{"serviceAccount":{"name":"billing-agent","namespace":"plan"}},"targetRef":{"name":"ledger-agent"}},
             "status":{"calls":{"summary":"1000/1000"},"decisions":{"denied":49002},
              "conditions":[{"type":"Accepted","status":"True"},{"type":"Ready","status":"False","reason":"Exhausted"}]}}
            """);
    // When
    List<String> lines = CapabilityTable.of(List.of(capability), NOW).lines();
    // Then
    assertThat(lines)
        .containsExactly(
            "NAMESPACE   NAME                   SOURCE               TARGET         CALLS      "
                + " DENIED   READY   REASON      AGE",
            "bank        billing-may-transfer   plan/billing-agent   ledger-agent   1000/1000  "
                + " 49002    False   Exhausted   2m");
  }

  @Test
  void aCapabilityThatNobodyLookedAtYetIsUnknown() {
    // Given
    var capability =
        resource(
            """
            {"apiVersion":"writ.dev/v1alpha1","kind":"AgentCapability","metadata":{"name":"a","namespace":"b"},
             "spec":{"source":{"publicKey":{"x":"y"},"contractSecretName":"s"},"targetRef":{"name":"t"}}}
            """);
    // When
    List<String> lines = CapabilityTable.of(List.of(capability), NOW).lines();
    // Then
    assertThat(lines.get(1))
        .isEqualTo("b           a      key s    t        -                Unknown");
  }

  @Test
  void ageHasTwoUnitsAtMost() {
    assertThat(CapabilityTable.age("2026-11-23T10:01:18Z", NOW)).isEqualTo("42s");
    assertThat(CapabilityTable.age("2026-11-23T08:57:00Z", NOW)).isEqualTo("1h5m");
    assertThat(CapabilityTable.age("2026-11-20T07:02:00Z", NOW)).isEqualTo("3d3h");
    assertThat(CapabilityTable.age("2026-11-23T10:05:00Z", NOW)).isEqualTo("0s");
    assertThat(CapabilityTable.age("yesterday", NOW)).isEmpty();
  }

  private static GenericKubernetesResource resource(String json) {
    return Serialization.unmarshal(json, GenericKubernetesResource.class);
  }
}
