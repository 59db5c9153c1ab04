package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ways past the gate of a redirected pod, tried on a cluster. (injection.md, Capture) */
class BypassClusterIT {
  private static final String GATE = "HTTP/1.1 401";

  /** Two pods, each port of each address of theirs. */
  private static final Duration PROBING = Duration.ofMinutes(8);

  private static TestNamespace test;

  @BeforeAll
  static void start() {
    test = Cluster.installed().namespace("bypass");
    test.apply("bypass.yaml", Map.of());
    test.ready("pod/outside");
    Cluster.await(
        "the pod of the set", () -> test.kubectlTry("get", "pod", "ledger-0").code() == 0);
    test.ready("pod/ledger-0");
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void whateverNameOrAddressIsUsedADeclaredPortIsTheGate() {
    // Given
    String nodePort =
        test.kubectl("get", "service", "ledger", "-o", "jsonpath={.spec.ports[0].nodePort}");
    String node = test.kubectl("get", "pod", "ledger-0", "-o", "jsonpath={.status.hostIP}");
    // Then
    for (String address : podAddresses()) {
      assertThat(ask(address, "8080")).as(address).startsWith(GATE);
    }
    assertThat(ask("ledger", "8080")).startsWith(GATE);
    assertThat(ask("ledger-headless", "8080")).startsWith(GATE);
    assertThat(ask("ledger-0.ledger-headless", "8080")).startsWith(GATE);
    assertThat(ask(node, nodePort)).startsWith(GATE);
  }

  @Test
  void portsThatNobodyDeclaredAndTheSidecarsOwnListenersAreClosedInBothFamilies() {
    for (String address : podAddresses()) {
      for (String port : new String[] {"9999", "15100", "15001"}) {
        assertThat(ask(address, port)).as(address + " " + port).isEmpty();
      }
    }
    // And the app does listen there
    assertThat(
            test.shell("ledger-0", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc 127.0.0.1 9999")
                .output())
        .contains("app");
  }

  @Test
  void aProbeFromOutsideTellsAGuardedPodFromOneThatCanBeReachedPastItsGate() {
    // Given
    Cluster.await(
        "the app of pod wide",
        () ->
            test.kubectlTry(
                    "get",
                    "pod",
                    "wide",
                    "-o",
                    "jsonpath={.status.containerStatuses[0].state.running.startedAt}")
                .out()
                .startsWith("2"));
    // When
    Command check =
        WritCommand.run(
            PROBING,
            "check",
            "--probe-rate",
            "4000",
            "--probe",
            test.name() + "/ledger-0",
            "--probe",
            test.name() + "/wide",
            "--probe",
            test.name() + "/outside");
    // Then the redirected pod is closed, although its app listens on 9999 too
    String guarded = "pod " + test.name() + "/ledger-0";
    assertThat(check.code()).as(check.out() + check.err()).isEqualTo(1);
    for (String address : podAddresses()) {
      assertThat(check.out())
          .contains("ok   " + guarded + " answers on no port of " + address + " but its gate's");
    }
    assertThat(check.out()).contains("ok   " + guarded + " has guarantee level Enforced (TCP");
    // And the other one is not
    String exposed = "pod " + test.name() + "/wide";
    assertThat(check.out())
        .contains("FAIL " + exposed + " passed its self-test")
        .contains("FAIL " + exposed + " answers on no port of")
        .contains("-> port 9999 answers past the gate")
        .contains("FAIL " + exposed + " has guarantee level Enforced (reached: Present)")
        .contains("FAIL pod " + test.name() + "/outside has its sidecar");
    // And nothing is left of it
    assertThat(probes()).isBlank();
  }

  @Test
  void aProbeThatIsInterruptedIsTakenAwayToo() {
    // Given
    Process process = probe();
    try {
      Cluster.await("the probing pod", () -> !probes().isBlank());
      // When: as Ctrl-C does
      process.destroy();
      // Then
      Cluster.await("nothing of it", () -> probes().isBlank());
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process probe() {
    try {
      return new ProcessBuilder(
              WritCommand.line("check", "--probe", test.name() + "/ledger-0", "--probe-rate", "50"))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String probes() {
    return Cluster.installed()
        .kubectl(
            "-n",
            Cluster.SYSTEM,
            "get",
            "pods",
            "-l",
            "app.kubernetes.io/component=probe",
            "-o",
            "name");
  }

  @Test
  void aJobEndsAlthoughItHasASidecar() {
    // When
    String done =
        test.kubectl(
            "wait", "--for=condition=Complete", "job/once", "--timeout", TestNamespace.timeout());
    // Then
    assertThat(done).contains("condition met");
  }

  private static String[] podAddresses() {
    return test.kubectl("get", "pod", "ledger-0", "-o", "jsonpath={.status.podIPs[*].ip}")
        .strip()
        .split(" ", -1);
  }

  /** The first bytes of an answer; empty when there is none. */
  private static String ask(String host, String port) {
    return test.shell(
            "outside",
            "printf 'GET / HTTP/1.1\\r"
                + "\\n"
                + "Host: x\\r"
                + "\\n"
                + "Connection: close\\r"
                + "\\n"
                + "\\r"
                + "\\n"
                + "' | timeout 4 nc "
                + host
                + " "
                + port
                + " 2>/dev/null | head -c 12; true")
        .output();
  }
}
