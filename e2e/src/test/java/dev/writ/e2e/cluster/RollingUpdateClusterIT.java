package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
}
