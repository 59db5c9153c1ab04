package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The chart comes, changes and goes; whatever the order, nothing is stuck. */
class UninstallClusterIT {
  @Test
  void anUpgradeIsRolledBackAndWhatIsUninstalledLeavesNothingThatCannotBeDeleted() {
    // Given
    Cluster cluster = Cluster.installed();
    try (TestNamespace test = cluster.namespace("farewell")) {
      test.ledgerAndCaller(1);
      assertThat(test.transfer(1).status()).isEqualTo(201);
      // When
      cluster.install("--set", "replicas=1");
      cluster.helm("rollback", "writ", "--wait", "--timeout", "170s");
      // Then
      assertThat(
              cluster.kubectl(
                  "-n",
                  Cluster.SYSTEM,
                  "get",
                  "deployment",
                  "writ-operator",
                  "-o",
                  "jsonpath={.spec.replicas}"))
          .isEqualTo("2");
      Cluster.await("calls after the rollback", () -> test.transfer(1).status() == 201);
      // When it is uninstalled before the capability is deleted
      try {
        cluster.helm("uninstall", "writ", "--wait", "--timeout", "170s");
        // Then the capability stayed, can be deleted, and pods can be made
        assertThat(test.kubectl("get", "acap", "-o", "name")).contains("caller-may-transfer");
        test.kubectl("delete", "acap", "--all", "--timeout", "60s");
        Command pod =
            test.kubectlTry(
                "run",
                "bare",
                "--image=writ-example-agents:local",
                "--annotations=writ.dev/inject=enabled",
                "--dry-run=server");
        assertThat(pod.code()).as(pod.err()).isZero();
        assertThat(
                cluster.kubectl(
                    "get",
                    "clusterroles,clusterrolebindings,validatingadmissionpolicies,"
                        + "mutatingwebhookconfigurations,priorityclasses",
                    "-o",
                    "name"))
            .doesNotContain("writ");
      } finally {
        cluster.install();
      }
      // And who installs it again finds capabilities and log as they were
      test.ledgerAndCaller(1);
      Cluster.await("calls after all of it", () -> test.transfer(1).status() == 201);
      assertThat(
              test.kubectlTry("delete", "acap", "--all", "--timeout", TestNamespace.timeout())
                  .code())
          .isZero();
    }
  }
}
