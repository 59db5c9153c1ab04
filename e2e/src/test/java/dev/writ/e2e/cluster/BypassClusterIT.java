package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ways past the gate of a redirected pod, tried on a cluster. (injection.md, Capture) */
class BypassClusterIT {
  private static final String GATE = "HTTP/1.1 401";
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
