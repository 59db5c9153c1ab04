package dev.writ.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class WritTest {
  private final CommandLineHarness writ = new CommandLineHarness(Instant.EPOCH);

  @Test
  void helpNamesTheExitCodes() {
    assertThat(writ.run("--help")).isZero();
    assertThat(writ.out()).contains("Exit codes: 0 done, 1 a check does not hold, 2");
  }

  @Test
  void anUnknownCommandIsBadUsage() {
    assertThat(writ.run("demmo")).isEqualTo(2);
    assertThat(writ.err()).contains("'demmo'; did you mean demo?").contains("Try: writ --help");
    assertThat(writ.run("zzz")).isEqualTo(2);
    assertThat(writ.err()).contains("'zzz'\nTry: writ --help");
  }

  @Test
  void theDemoSaysWhereItIsStartedFrom() {
    assertThat(writ.run("demo")).isEqualTo(2);
    assertThat(writ.err())
        .isEqualTo("writ: WRIT_HOME is not set: start the demo with ./writ of the source tree");
  }

  @Test
  void versionNamesTheJdkToo() {
    assertThat(writ.run("version")).isZero();
    assertThat(writ.out()).startsWith("writ ").contains(", Java 25");
  }
}
