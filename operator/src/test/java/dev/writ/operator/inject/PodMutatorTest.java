package dev.writ.operator.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** What happens between two passes over one pod. (injection.md, Webhook; R7) */
class PodMutatorTest {
  private static final PodMutator WEBHOOK =
      new PodMutator(
          InjectionSettings.of(
              "w:1", URI.create("https://o.writ-system.svc:443"), "cluster.local"));
  private static final String POD =
      """
      metadata: {name: a, annotations: {writ.dev/inject: enabled}}
      spec: {containers: [{name: app, image: a, ports: [{containerPort: 8080}]}]}
      """;
  private static final String LATECOMER =
      """
      {name: late, image: l, ports: [{containerPort: 9000}], livenessProbe: {httpGet: {path: /$(X), port: 9000}}}
      """;

  @Test
  void aContainerThatAnotherWebhookAddedIsGuardedOnTheNextPass() {
    // Given
    ObjectNode pod = injected(yaml(POD));
    pod.withObject("/spec").withArray("containers").add(yaml(LATECOMER));
    // When
    ObjectNode again = injected(pod);
    // Then
    for (int container : new int[] {0, 1}) {
      assertThat(Injection.variable(again.at("/spec/initContainers/" + container), "WRIT_PORTS"))
          .isEqualTo("8080,9000");
    }
    assertThat(again.at("/spec/containers/1/livenessProbe/httpGet/port").asInt()).isEqualTo(15_091);
    assertThat(again.at("/spec/containers/1/env")).isNotEmpty();
    assertThat(WEBHOOK.decide(again, false)).isInstanceOf(InjectionDecision.Unchanged.class);
  }

  @Test
  void aContainerThatIsGoneLeavesASidecarThatIsNotTheOneForThisPod() {
    // Given
    ObjectNode pod = yaml(POD);
    pod.withObject("/spec").withArray("containers").add(yaml(LATECOMER));
    ObjectNode injected = injected(pod);
    injected.withObject("/spec").withArray("containers").remove(1);
    // Then
    assertThat(WEBHOOK.decide(injected, false))
        .isInstanceOfSatisfying(
            InjectionDecision.Refuse.class,
            refusal -> assertThat(refusal.reason()).contains("env differs"));
  }

  @Test
  void whatLooksLikeAVariableInAProbeIsNotExpandedByTheKubelet() {
    // Given
    ObjectNode pod = yaml(POD);
    pod.withObject("/spec").withArray("containers").add(yaml(LATECOMER));
    // Then
    assertThat(Injection.variable(injected(pod).at("/spec/initContainers/1"), "WRIT_PROBES"))
        .contains("/$$(X)");
  }

  private static ObjectNode injected(ObjectNode pod) {
    if (WEBHOOK.decide(pod, false) instanceof InjectionDecision.Inject inject) {
      return Patched.of(pod, inject.patch());
    }
    throw new AssertionError(WEBHOOK.decide(pod, false).toString());
  }

  private static ObjectNode yaml(String text) {
    // What begins with a brace would be read as JSON.
    return Serialization.unmarshal("---\n" + text, ObjectNode.class);
  }
}
