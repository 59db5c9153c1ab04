package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Changes that people make every day lose no call, at fifty a second to three replicas. */
class RollingUpdateClusterIT {
  private static final int SOME = 5 * SteadyLoad.RATE;

  private static Cluster cluster;
  private static TestNamespace test;
  private static SteadyLoad load;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    test = cluster.namespace("rolling");
    test.ledgerAndCaller(3);
    load = SteadyLoad.start(test);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void aCalleeIsReplacedUnderLoad() {
    // Given
    SteadyLoad.Tally before = load.tally();
    // When
    test.kubectl("rollout", "restart", "deployment/ledger");
    test.rolledOut("ledger");
    // Then
    load.goesOnWithoutFailure(before, SOME);
  }

  @Test
  void aCallerIsReplacedUnderLoad() {
    // Given
    String old = test.kubectl("get", "pods", "-l", "app=steady", "-o", "name").strip();
    SteadyLoad.Tally before = load.tally();
    // When
    test.kubectl("rollout", "restart", "deployment/steady");
    // Then to its very end the old one failed in nothing
    SteadyLoad.Tally last =
        SteadyLoad.Tally.of(
            test.kubectlTry("logs", old, "-c", "agent", "--follow", "--tail", "2000").out());
    assertThat(last.accepted()).isGreaterThanOrEqualTo(before.accepted());
    assertThat(last.failed() - before.failed()).as("%s", last.complaints()).isZero();
    // And the new one from its first call on
    test.rolledOut("steady");
    test.kubectl("wait", "--for=delete", old, "--timeout", TestNamespace.timeout());
    load.goesOnWithoutFailure(SteadyLoad.Tally.of(""), SOME);
  }

  @Test
  void theOperatorIsUpgradedUnderLoad() {
    // Given
    SteadyLoad.Tally before = load.tally();
    // When
    cluster.install("--set", "podAnnotations.rolled=" + Long.toHexString(System.nanoTime()) + "x");
    // Then
    load.goesOnWithoutFailure(before, SOME);
  }

  /** What {@code kubectl drain} does with each pod of a node. */
  @Test
  void aCalleeIsEvictedUnderLoad() {
    // Given
    SteadyLoad.Tally before = load.tally();
    String pod =
        test.kubectl("get", "pods", "-l", "app=ledger", "-o", "jsonpath={.items[0].metadata.name}");
    // When
    Command eviction =
        Command.run(
            """
            {"apiVersion": "policy/v1", "kind": "Eviction",
             "metadata": {"name": "%s", "namespace": "%s"}}
            """
                .formatted(pod, test.name()),
            Cluster.PATIENCE,
            "kubectl",
            "create",
            "--raw",
            "/api/v1/namespaces/" + test.name() + "/pods/" + pod + "/eviction",
            "-f",
            "-");
    assertThat(eviction.code()).as(eviction.err()).isZero();
    test.kubectl("wait", "--for=delete", "pod/" + pod, "--timeout", TestNamespace.timeout());
    test.rolledOut("ledger");
    // Then
    load.goesOnWithoutFailure(before, SOME);
  }

  /** Where it can be restarted from here: WRIT_IT_RESTART_API_SERVER is a program that does. */
  @Test
  @EnabledIfEnvironmentVariable(named = "WRIT_IT_RESTART_API_SERVER", matches = ".+")
  void theApiServerIsRestartedUnderLoad() {
    // Given
    SteadyLoad.Tally before = load.tally();
    // When
    Command restart =
        Command.run(
            null, Cluster.PATIENCE, "sh", "-c", System.getenv("WRIT_IT_RESTART_API_SERVER"));
    assertThat(restart.code()).as(restart.err()).isZero();
    Cluster.await("the API server", () -> cluster.kubectlTry("get", "nodes").code() == 0);
    // Then
    load.goesOnWithoutFailure(before, SOME);
    cluster.awaitLeader();
    test.ready("agentcapability/caller-may-transfer");
  }
}
