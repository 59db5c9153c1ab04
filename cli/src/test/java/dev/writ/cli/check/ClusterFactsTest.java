package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.check.Fact.State;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterFactsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  @ParameterizedTest
  @CsvSource({"v1.34.4, HOLDS", "v1.30.0-eks-1, HOLDS", "v1.29.9, FAILS", "2.0, HOLDS", "x, FAILS"})
  void anOldApiServerFails(String version, State state) {
    assertThat(ClusterFacts.server(version).state()).isEqualTo(state);
  }

  @Test
  void anOldKubeletIsNamed() {
    // Given
    Node node =
        Serialization.unmarshal(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: n7}
            status: {nodeInfo: {kubeletVersion: v1.28.1}}
            """,
            Node.class);
    // Then
    assertThat(ClusterFacts.nodes(List.of(node)).remedy()).contains("n7");
  }

  @Test
  void podsWithoutSidecarFailAndOldOnesWarn() {
    // Given
    Pod bare = pod("bare", "initContainers: []");
    Pod old =
        pod("old", "initContainers: [{name: writ-sidecar, image: 'w:1', restartPolicy: Always}]");
    Pod fake = pod("fake", "initContainers: [{name: writ-sidecar, image: 'w:2'}]");
    // When
    List<Fact> facts = ClusterFacts.pods("bank", List.of(bare, old, fake), "w:2");
    // Then
    assertThat(facts).extracting(Fact::state).containsExactly(State.FAILS, State.WARNS);
    assertThat(facts.getFirst().remedy()).contains("bare").contains("fake").doesNotContain("old,");
    assertThat(facts.getLast().remedy()).contains("old");
  }

  @Test
  void halfAnOperatorWarnsAndNoneFails() {
    assertThat(ClusterFacts.operator(null).state()).isEqualTo(State.FAILS);
    assertThat(ClusterFacts.operator(operator(2, 1)).state()).isEqualTo(State.WARNS);
    assertThat(ClusterFacts.operator(operator(2, 2)).state()).isEqualTo(State.HOLDS);
    assertThat(ClusterFacts.operator(operator(2, 0)).state()).isEqualTo(State.FAILS);
  }

  @Test
  void aMissingOrBrokenAuthorityFails() {
    assertThat(ClusterFacts.authority(null, NOW).state()).isEqualTo(State.FAILS);
    assertThat(ClusterFacts.authority("bm9uc2Vuc2U=", NOW).state()).isEqualTo(State.FAILS);
  }

  @Test
  void clocksThatDisagreeFail() {
    assertThat(ClusterFacts.clock(NOW, NOW.plusSeconds(2)).state()).isEqualTo(State.HOLDS);
    assertThat(ClusterFacts.clock(NOW, NOW.minusSeconds(20)).state()).isEqualTo(State.FAILS);
    assertThat(ClusterFacts.clock(NOW, null).state()).isEqualTo(State.WARNS);
  }

  @Test
  void aPodThatComesBackBareFails() {
    assertThat(ClusterFacts.injection(pod("a", "initContainers: []"), "").state())
        .isEqualTo(State.FAILS);
    assertThat(ClusterFacts.injection(null, "connection refused").remedy())
        .isEqualTo("connection refused");
  }

  private static Deployment operator(int wanted, int ready) {
    return Serialization.unmarshal(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: o, namespace: s}\nspec: {replicas: %d}\nstatus: {readyReplicas: %d}"
            .formatted(wanted, ready),
        Deployment.class);
  }

  private static Pod pod(String name, String spec) {
    return Serialization.unmarshal(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {%s}".formatted(name, spec),
        Pod.class);
  }
}
