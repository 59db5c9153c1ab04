package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.CommandLineHarness;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckCommandTest {
  private final CommandLineHarness writ = new CommandLineHarness(Instant.EPOCH);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ledger-0",
        "bank/",
        "/x",
        "bank/a/b",
        "Bank/x",
        "bank/x;y",
        "bank/$(id)",
        "-a/b",
        "b\u001bank/x",
        ""
      })
  void whatIsNoPodIsRefusedWithTheFormToWrite(String pod) {
    assertThat(writ.run("check", "--probe", pod)).isEqualTo(2);
    assertThat(writ.err()).contains("write NAMESPACE/POD");
  }

  @Test
  void aProbeNeedsAnInstallation() {
    assertThat(writ.run("check", "--pre", "--probe", "bank/ledger-0")).isEqualTo(2);
    assertThat(writ.err()).contains("leave one of them out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "49", "4001", "-1"})
  void aRateOutOfBoundsIsRefused(String rate) {
    assertThat(writ.run("check", "--probe", "bank/ledger-0", "--probe-rate", rate)).isEqualTo(2);
    assertThat(writ.err()).contains("--probe-rate is not within 50 to 4000");
  }

  @Test
  void theOperatorsNamespaceHasOneNameInAllCommands() {
    for (String[] command :
        new String[][] {
          {"check", "--help"},
          {"trust", "show", "--help"},
          {"trust", "rotate", "--help"},
          {"revoke", "key", "--help"}
        }) {
      assertThat(writ.run(command)).isZero();
      assertThat(writ.out().replaceAll("\\s+", " "))
          .as(String.join(" ", command))
          .contains("--system-namespace")
          .contains("Default: writ-system")
          .doesNotContain("-n,");
    }
  }

  @Test
  void theNamespaceOfAnObjectHasOneNameInAllCommands() {
    for (String[] command :
        new String[][] {
          {"explain", "--help"},
          {"status", "--help"},
          {"revoke", "capability", "--help"},
          {"revoke", "pod", "--help"},
          {"revoke", "contract", "--help"}
        }) {
      assertThat(writ.run(command)).isZero();
      assertThat(writ.out()).as(String.join(" ", command)).contains("-n, --namespace=NAME");
    }
  }
}
