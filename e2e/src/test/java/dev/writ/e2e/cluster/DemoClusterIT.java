package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code writ demo --context}: what the README shows on a cluster. */
class DemoClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(9);

  private static Cluster cluster;
  private static String context;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    context = cluster.kubectl("config", "current-context").strip();
  }

  private static Command demo(String... more) {
    return WritCommand.run(
        PATIENCE, Command.join(new String[] {"demo", "--context", context}, more));
  }

  @Test
  void theExamplesPlayAndNothingOfThemStays() {
    // When
    Command demo = demo("--attempts", "1500");
    // Then
    assertThat(demo.code()).as(demo.out() + demo.err()).isZero();
    assertThat(demo.out())
        .contains("it is used, and left")
        .contains("exactly 1,000 were admitted, 500 refused")
        .contains("1000/1000 Exhausted")
        .contains("none missing, moved or altered");
    assertThat(cluster.kubectl("get", "namespaces", "-o", "name").lines())
        .contains("namespace/" + Cluster.SYSTEM)
        .doesNotContain(
            "namespace/bank",
            "namespace/plan",
            "namespace/records",
            "namespace/data",
            "namespace/batch");
  }

  @Test
  void aNamespaceThatIsSomebodysIsLeftAlone() {
    // Given
    cluster.kubectl("create", "namespace", "bank");
    try {
      // When
      Command demo = demo();
      // Then
      assertThat(demo.code()).isEqualTo(1);
      assertThat(demo.out()).contains("namespace bank is there already");
      assertThat(cluster.kubectl("get", "namespace", "bank", "-o", "jsonpath={.status.phase}"))
          .isEqualTo("Active");
    } finally {
      cluster.kubectl("delete", "namespace", "bank");
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    // When
    Command nowhere = WritCommand.run(PATIENCE, "demo", "--context", "no-such-context");
    Command values = demo("--values", "no-such-file.yaml");
    Command few = demo("--attempts", "10");
    // Then
    assertThat(nowhere.code()).isEqualTo(2);
    assertThat(nowhere.err()).contains("no context \"no-such-context\"").contains(context);
    assertThat(values.code()).isEqualTo(2);
    assertThat(values.err()).contains("no-such-file.yaml cannot be read");
    assertThat(few.code()).isEqualTo(2);
    assertThat(few.err()).contains("write more than the 1000 calls");
  }
}
