package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanOrder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbePodTest {
  private static final Deployment OPERATOR =
      Serialization.unmarshal(
          """
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: writ-operator, namespace: writ-system, uid: d-1}
          spec:
            template:
              spec:
                imagePullSecrets: [{name: registry}]
                nodeSelector: {disk: fast}
                tolerations: [{key: infra, operator: Exists}]
                serviceAccountName: writ-operator
                containers: [{name: operator}]
          """,
          Deployment.class);
  private static final ScanOrder ORDER =
      new ScanOrder(
          List.of("10.0.0.7"), PortSet.of(List.of(8080)), PortSet.of(List.of(15_090)), 500);

  @Test
  void theProbeMayDoNothingAndEndsByItself() {
    // When
    Pod pod = ProbePod.of(OPERATOR, "w:2", "writ-probe-1", ORDER);
    // Then
    var spec = pod.getSpec();
    assertThat(spec.getAutomountServiceAccountToken()).isFalse();
    assertThat(spec.getServiceAccountName()).isNull();
    assertThat(spec.getRestartPolicy()).isEqualTo("Never");
    assertThat(spec.getActiveDeadlineSeconds()).isEqualTo(120 + 3 * 131 + 240);
    assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(spec.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    var container = spec.getContainers().getFirst();
    assertThat(container.getImage()).isEqualTo("w:2");
    assertThat(container.getArgs()).containsExactly("scan");
    assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(container.getVolumeMounts()).isEmpty();
    assertThat(container.getEnv())
        .extracting(variable -> variable.getName() + "=" + variable.getValue())
        .containsExactly(
            "WRIT_SCAN_ADDRESSES=10.0.0.7",
            "WRIT_SCAN_GATES=8080",
            "WRIT_SCAN_WITNESSES=15090",
            "WRIT_SCAN_RATE=500");
  }

  @Test
  void itRunsWhereTheOperatorDoesAndGoesWithIt() {
    // When
    Pod pod = ProbePod.of(OPERATOR, "w:2", "writ-probe-1", ORDER);
    // Then
    assertThat(pod.getMetadata().getNamespace()).isEqualTo("writ-system");
    assertThat(pod.getMetadata().getOwnerReferences().getFirst().getUid()).isEqualTo("d-1");
    assertThat(pod.getMetadata().getLabels())
        .doesNotContainEntry("app.kubernetes.io/component", "operator");
    assertThat(pod.getMetadata().getLabels()).containsEntry("sidecar.istio.io/inject", "false");
    assertThat(pod.getMetadata().getAnnotations())
        .containsExactly(Map.entry("linkerd.io/inject", "disabled"));
    assertThat(pod.getSpec().getImagePullSecrets().getFirst().getName()).isEqualTo("registry");
    assertThat(pod.getSpec().getNodeSelector()).isEqualTo(Map.of("disk", "fast"));
    assertThat(pod.getSpec().getTolerations().getFirst().getKey()).isEqualTo("infra");
  }

  private static ProbeProgress progress(String status, long waited) {
    return ProbeProgress.of(
        Serialization.unmarshal("metadata: {name: p}\nspec: {}\nstatus: " + status, Pod.class),
        waited);
  }

  @Test
  void whatNeverComesToAnEndIsNotWaitedFor() {
    assertThat(progress("{phase: Pending}", 10)).isEqualTo(new ProbeProgress.Goes());
    assertThat(progress("{phase: Running}", 10_000)).isEqualTo(new ProbeProgress.Goes());
    assertThat(progress("{phase: Succeeded}", 10)).isEqualTo(new ProbeProgress.Done());
    assertThat(ProbeProgress.of(null, 10))
        .isEqualTo(new ProbeProgress.Failed("somebody removed it"));
    assertThat(
            progress(
                "{phase: Pending, containerStatuses: [{state: {waiting: {reason: ImagePullBackOff,"
                    + " message: \"no such image\\e[31m\"}}}]}",
                1))
        .isEqualTo(
            new ProbeProgress.Failed(
                "the kubelet can't start it, ImagePullBackOff: no such image [31m"));
    assertThat(
            progress(
                "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', message: 0/3"
                    + " nodes}]}",
                200))
        .isEqualTo(new ProbeProgress.Failed("it did not start within 120 s: 0/3 nodes"));
    assertThat(
            progress(
                "{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 137, reason:"
                    + " OOMKilled}}}]}",
                9))
        .isEqualTo(new ProbeProgress.Failed("its container ended with 137 (OOMKilled)"));
    assertThat(progress("{phase: Failed, reason: DeadlineExceeded}", 9))
        .isEqualTo(new ProbeProgress.Failed("it failed (DeadlineExceeded)"));
  }

  @Test
  void reportsAreFoundAmongOtherLines() throws MalformedException {
    // Given
    String report =
        "{\"writScan\":\"10.0.0.7\",\"open\":\"\",\"refused\":65535,\"silent\":0,\"unsure\":0,\"answers\":{}}";
    // Then
    assertThat(ProbeRun.reports("NOTE: x\n{\"level\":\"INFO\"}\n" + report + "\n\n"))
        .singleElement()
        .satisfies(one -> assertThat(one.refused()).isEqualTo(65_535));
    assertThatThrownBy(() -> ProbeRun.reports(report.substring(0, 40)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void onlyWhatEndedLongAgoIsLeftOver() {
    // Given
    Pod pod = ProbePod.of(OPERATOR, "w:2", "writ-probe-1", ORDER);
    pod.getMetadata().setCreationTimestamp("2026-01-01T00:00:00Z");
    Pod ended = Serialization.clone(pod);
    ended.setStatus(
        Serialization.unmarshal("phase: Failed", io.fabric8.kubernetes.api.model.PodStatus.class));
    // Then
    Instant later = Instant.parse("2026-01-01T01:00:00Z");
    assertThat(Probes.isLeftOver(ended, later)).isTrue();
    assertThat(Probes.isLeftOver(pod, later)).isFalse();
    assertThat(Probes.isLeftOver(ended, Instant.parse("2026-01-01T00:10:00Z"))).isFalse();
  }
}
