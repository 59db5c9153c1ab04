package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people are told: {@code writ check}, {@code writ explain}, and Events of injection. */
class ChecksClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s, namespace: %s}
      spec: {ports: [{name: gate, port: 80}], selector: {app: nobody}}
      """;

  private static Cluster cluster;
  private static TestNamespace test;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    test = cluster.namespace("checks");
    // Each gives every pod of the namespace variables that begin like the sidecar's own.
    cluster.apply(SERVICE.formatted("writ", test.name()));
    cluster.apply(SERVICE.formatted("writ-gate", test.name()));
    test.ledgerAndCaller(1);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  private static Command writ(String... arguments) {
    return WritCommand.run(PATIENCE, arguments);
  }

  private static String pod(String app) {
    return test.kubectl("get", "pods", "-l", "app=" + app, "-o", "name").strip();
  }

  @Test
  void aClusterWithTheChartPassesEveryCheck() {
    // When
    Command before = writ("check", "--pre");
    Command installed = writ("check");
    // Then
    assertThat(before.code()).as(before.out() + before.err()).isZero();
    assertThat(before.out().lines()).hasSize(8).allMatch(line -> line.startsWith("ok "));
    assertThat(installed.out())
        .contains("ok   the API server reaches the webhook and gets a sidecar from it")
        .contains("ok   the operator runs (2/2 replicas ready)")
        .doesNotContain("FAIL");
    assertThat(installed.code()).as(installed.out() + installed.err()).isZero();
  }

  @Test
  void aBarePodOfARequiredNamespaceFailsTheCheck() {
    // Given
    try (TestNamespace strict = cluster.namespace("strict")) {
      cluster.apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: older, namespace: %s}
          spec: {schedulerName: nobody, containers: [{name: agent, image: writ-example-agents:local}]}
          """
              .formatted(strict.name()));
      cluster.kubectl("label", "namespace", strict.name(), "writ.dev/enforcement=required");
      // When
      Command check = writ("check");
      // Then
      assertThat(check.code()).isEqualTo(1);
      assertThat(check.out())
          .contains("FAIL every pod of required namespace " + strict.name())
          .contains("older");
      cluster.kubectl("label", "namespace", strict.name(), "writ.dev/enforcement-");
    }
  }

  @Test
  void explainSaysWhatGuardsAPodAndWhatWasDenied() {
    // Given
    assertThat(test.transfer(501).status()).isEqualTo(403);
    Cluster.await(
        "the denial in the status",
        () ->
            test.kubectl("get", "acap", "caller-may-transfer", "-o", "jsonpath={.status}")
                .contains("argument-not-allowed"));
    // When
    Command pod = writ("explain", pod("ledger"), "-n", test.name());
    Command capability = writ("explain", "capability/caller-may-transfer", "-n", test.name());
    Command nothing = writ("explain", "pod/nothing", "-n", test.name());
    // Then
    assertThat(pod.code()).as(pod.err()).isZero();
    assertThat(pod.out()).contains("injected: ").contains("capture by redirect").contains("8080");
    assertThat(capability.code()).as(capability.err()).isZero();
    assertThat(capability.out())
        .contains("ready: what it grants is let through")
        .contains("argument-not-allowed of action transfer")
        .contains("to widen: kubectl -n " + test.name());
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("no pod nothing in namespace " + test.name());
  }

  @Test
  void ownersAreToldWhatBecameOfTheirPods() {
    // When
    cluster.apply(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: mistyped, namespace: %s}
        spec:
          selector: {matchLabels: {app: mistyped}}
          template:
            metadata: {labels: {app: mistyped}, annotations: {writ.dev/inject: enabled, writ.dev/captur: redirect}}
            spec: {containers: [{name: agent, image: writ-example-agents:local}]}
        """
            .formatted(test.name()));
    // Then
    Cluster.await(
        "Event InjectionRefused",
        () ->
            test.kubectl("get", "events", "--field-selector", "reason=InjectionRefused")
                .contains("writ.dev/captur"));
    assertThat(
            test.kubectl(
                "get",
                "events",
                "--field-selector",
                "reason=InjectionRefused",
                "-o",
                "jsonpath={.items[*].involvedObject.kind}"))
        .isEqualTo("ReplicaSet");
    assertThat(test.kubectl("get", "events", "--field-selector", "reason=Injected"))
        .contains("replicaset/ledger");
  }
}
