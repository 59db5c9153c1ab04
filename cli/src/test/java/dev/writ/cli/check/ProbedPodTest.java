package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.check.Fact.State;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbedPodTest {
  private static final PodName NAME = new PodName("bank", "ledger-0");
  private static final String POD =
      """
      metadata: {name: ledger-0, namespace: bank, uid: u-1}
      spec:
        initContainers:
        - name: writ-capture
        - name: writ-sidecar
          image: w:2
          restartPolicy: Always
          startupProbe: {httpGet: {path: /healthz, port: 15092}}
          env:
          - {name: WRIT_ADMIN, value: "[::]:15090"}
          - {name: WRIT_PROBE_LISTEN, value: "[::]:15091"}
          - {name: WRIT_PORTS, value: "8080,9090"}
          - {name: WRIT_CAPTURE, value: redirect}
          - {name: WRIT_GATE, value: enforce}
        containers: [{name: agent}]
      status:
        phase: Running
        podIP: 10.0.0.7
        podIPs: [{ip: 10.0.0.7}, {ip: "fd00::7"}]
        initContainerStatuses:
        - {name: writ-capture, restartCount: 0, state: {terminated: {exitCode: 0}}}
        - {name: writ-sidecar, restartCount: 1, ready: true, state: {running: {}}}
      """;

  private static ProbedPod.Reading read(String yaml) {
    return ProbedPod.read(NAME, Serialization.unmarshal(yaml, Pod.class), "w:2");
  }

  private static ProbedPod.Reading.Fit fit(String yaml) {
    assertThat(read(yaml)).isInstanceOf(ProbedPod.Reading.Fit.class);
    return (ProbedPod.Reading.Fit) read(yaml);
  }

  private static Fact unfit(String yaml) {
    assertThat(read(yaml)).isInstanceOf(ProbedPod.Reading.Unfit.class);
    Fact fact = ((ProbedPod.Reading.Unfit) read(yaml)).facts().getFirst();
    assertThat(fact.state()).isEqualTo(State.FAILS);
    return fact;
  }

  @Test
  void whatMayBeOpenIsReadFromTheAdmittedSidecar() {
    // When
    var found = fit(POD);
    // Then
    assertThat(found.level()).isEqualTo(GuaranteeLevel.VERIFIED);
    assertThat(found.pod().addresses()).containsExactly("10.0.0.7", "fd00::7");
    assertThat(found.pod().gates()).hasToString("8080,9090");
    assertThat(found.pod().own()).hasToString("15090-15092");
    assertThat(found.pod().redirect()).isTrue();
    assertThat(found.facts()).extracting(Fact::state).containsOnly(State.HOLDS);
    assertThat(found.pod().order(500).variables())
        .containsEntry("WRIT_SCAN_ADDRESSES", "10.0.0.7,fd00::7")
        .containsEntry("WRIT_SCAN_GATES", "8080,9090")
        .containsEntry("WRIT_SCAN_WITNESSES", "15090-15092");
  }

  @Test
  void withoutProbesTheirPortIsTheSidecarsWithRedirectAlone() {
    // Given
    String none =
        POD.replace("- {name: WRIT_PROBE_LISTEN, value: \"[::]:15091\"}", "- {name: X, value: y}");
    String loopback =
        none.replace("value: redirect", "value: loopback").replace("port: 15092", "port: 15090");
    // Then
    assertThat(fit(none).pod().own()).hasToString("15090-15092");
    assertThat(fit(loopback).pod().own()).hasToString("15090");
  }

  @ParameterizedTest
  @CsvSource({
    "[::]:15090, [::]:9999",
    "[::]:15091, [::]:9999",
    "port: 15092, port: 9999",
    "[::]:15090, [::]:115090"
  })
  void noOtherNumberThatASidecarNamesIsAnException(String ours, String theirs) {
    // When
    var found = fit(POD.replace("value: redirect", "value: loopback").replace(ours, theirs));
    // Then
    assertThat(found.pod().own().contains(9999)).isFalse();
    assertThat(found.pod().own().size()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"ready: true, ready: false", "exitCode: 0, exitCode: 3"})
  void whatDidNotPassItsSelfTestIsPresentAlone(String good, String bad) {
    // When
    var found = fit(POD.replace(good, bad));
    // Then
    assertThat(found.level()).isEqualTo(GuaranteeLevel.PRESENT);
    assertThat(found.facts().getLast().state()).isEqualTo(State.FAILS);
    assertThat(found.facts().getLast().remedy())
        .contains("/namespaces/bank/pods/ledger-0:15090/proxy/readyz");
  }

  @Test
  void loopbackNeedsNoCapture() {
    String yaml =
        POD.replace("value: redirect", "value: loopback")
            .replace(
                "- {name: writ-capture, restartCount: 0, state: {terminated: {exitCode: 0}}}", "");
    assertThat(fit(yaml).level()).isEqualTo(GuaranteeLevel.VERIFIED);
    assertThat(fit(yaml).pod().redirect()).isFalse();
  }

  @Test
  void anotherImageIsSaidOnOneLineWhateverItsNameIs() {
    // When
    var found = fit(POD.replace("image: w:2", "image: \"w:1\\n\\e[2Jok\""));
    // Then
    assertThat(found.facts().get(1).state()).isEqualTo(State.WARNS);
    assertThat(found.facts().get(1).remedy())
        .isEqualTo("its image is w:1 [2Jok, not w:2: older, or not ours; make the pod anew");
  }

  @Test
  void aSidecarThatStartedAnewIsAnotherOne() {
    assertThat(fit(POD).pod().identity())
        .isEqualTo(fit(POD).pod().identity())
        .isNotEqualTo(fit(POD.replace("restartCount: 1", "restartCount: 2")).pod().identity())
        .isNotEqualTo(fit(POD.replace("u-1", "u-2")).pod().identity());
  }

  @Test
  void whatCannotBeProbedSaysWhy() {
    assertThat(
            ((ProbedPod.Reading.Unfit) ProbedPod.read(NAME, null, "w:2"))
                .facts()
                .getFirst()
                .statement())
        .contains("there is pod bank/ledger-0");
    assertThat(unfit(POD.replace("restartPolicy: Always", "")).remedy())
        .contains("guarantee level none")
        .contains("writ explain pod/ledger-0 -n bank");
    assertThat(unfit(POD.replace("spec:", "spec:\n  hostNetwork: true")).remedy())
        .contains("hostNetwork");
    assertThat(unfit(POD.replace("phase: Running", "phase: Pending")).remedy()).contains("wait");
    assertThat(
            unfit(POD.replace("uid: u-1", "deletionTimestamp: \"2026-01-01T00:00:00Z\"")).remedy())
        .contains("wait");
    for (String ports : List.of("8080,", "http", "0", "65536", "99999999999")) {
      assertThat(unfit(POD.replace("8080,9090", ports)).remedy()).contains("make the pod anew");
    }
  }
}
