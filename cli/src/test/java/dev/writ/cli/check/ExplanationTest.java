package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final String INJECTED =
      """
      metadata: {name: ledger-7f-x, namespace: bank, labels: {app: ledger}}
      spec:
        initContainers:
        - {name: writ-capture, image: w}
        - name: writ-sidecar
          image: w
          restartPolicy: Always
          env: [{name: WRIT_CAPTURE, value: redirect}, {name: WRIT_PORTS, value: "8080"}, {name: WRIT_GATE, value: audit}]
        containers: [{name: app, image: a, ports: [{name: http, containerPort: 8080}]}]
      """;

  @Test
  void aPodThatDidNotAskGetsThePatchForWhatMadeIt() {
    // Given
    Pod pod =
        pod(
            """
            metadata:
              name: ledger-7f-x
              namespace: bank
              ownerReferences: [{kind: ReplicaSet, name: ledger-7f, apiVersion: apps/v1, uid: u}]
            spec: {containers: [{name: app, image: a}]}
            """);
    // Then
    assertThat(PodExplanation.of(pod, false, List.of()))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("kubectl -n bank patch deployment/ledger")
                    .contains("{\"writ.dev/inject\":\"enabled\"}"));
    assertThat(PodExplanation.of(pod, true, List.of()))
        .anySatisfy(line -> assertThat(line).contains("rollout restart deployment/ledger"));
  }

  @Test
  void aFailedCaptureSaysWhatItSaid() {
    // Given
    Pod pod =
        pod(
            INJECTED
                + """
                status:
                  initContainerStatuses:
                  - name: writ-capture
                    state: {terminated: {exitCode: 3, message: "couldn't capture by redirect: no nft"}}
                """);
    // Then
    assertThat(PodExplanation.of(pod, false, List.of()))
        .contains("writ-capture ended with 3: couldn't capture by redirect: no nft")
        .anySatisfy(line -> assertThat(line).contains("guards 8080"))
        .anySatisfy(line -> assertThat(line).contains("shadow mode"));
  }

  @Test
  void aServiceThatLeadsPastTheGateIsNamed() {
    // Given
    Service service =
        Serialization.unmarshal(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: ledger}
            spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 9999}]}
            """,
            Service.class);
    // Then
    assertThat(PodExplanation.of(pod(INJECTED), false, List.of(service)))
        .filteredOn(line -> line.startsWith("Service"))
        .singleElement()
        .asString()
        .contains("port 81 to 9999")
        .contains("containerPort");
  }

  @Test
  void aCapabilityThatIsUsedUpGetsThePatchThatGivesMore() {
    // Given
    GenericKubernetesResource capability =
        Serialization.unmarshal(
            """
            apiVersion: writ.dev/v1alpha1
            kind: AgentCapability
            metadata: {name: may, namespace: bank}
            spec:
              limits: {calls: 1000}
              actions: [{name: transfer, arguments: [{pointer: /amount, maximum: 500}]}]
            status:
              conditions:
              - {type: Accepted, status: "True", reason: Accepted, message: m}
              - {type: Ready, status: "False", reason: Exhausted, message: all used}
              recentDenials:
              - {time: t2, code: argument-not-allowed, action: transfer, caller: c}
              - {time: t1, code: argument-not-allowed, action: transfer, caller: c}
            """,
            GenericKubernetesResource.class);
    // When
    List<String> lines = CapabilityExplanation.of(capability);
    // Then
    assertThat(lines)
        .contains("Ready is False (Exhausted): all used")
        .anySatisfy(line -> assertThat(line).contains("{\"spec\":{\"limits\":{\"calls\":2000}}}"));
    assertThat(lines).filteredOn(line -> line.contains("must stay within")).hasSize(1);
  }

  @Test
  void oneThatNobodyReadYetPointsAtTheOperator() {
    // Given
    GenericKubernetesResource capability = new GenericKubernetesResource();
    // Then
    assertThat(CapabilityExplanation.of(capability))
        .singleElement()
        .asString()
        .contains("writ check");
  }

  private static Pod pod(String yaml) {
    return Serialization.unmarshal("apiVersion: v1\nkind: Pod\n" + yaml, Pod.class);
  }
}
