package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole way on a cluster: chart, webhook, enrolment, contract, call, record, status. */
class EnforcementClusterIT {
  private static TestNamespace test;

  @BeforeAll
  static void start() {
    test = Cluster.installed().namespace("enforcement");
    test.ledgerAndCaller(1);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void whatTheCapabilityGrantsIsLetThroughAndTheRestIsNot() {
    // When
    TestNamespace.Answer granted = test.transfer(250);
    TestNamespace.Answer large = test.transfer(501);
    TestNamespace.Answer other =
        test.call("ledger." + test.name() + ":8080", "GET", "/v1/accounts", "");
    // Then
    assertThat(granted.status()).as(granted.text()).isEqualTo(201);
    assertThat(large.status()).as(large.text()).isEqualTo(403);
    assertThat(large.text()).contains("\"code\":\"argument-not-allowed\"");
    assertThat(other.status()).as(other.text()).isEqualTo(403);
    assertThat(other.text()).contains("\"code\":\"action-not-granted\"");
  }

  @Test
  void aCallWithoutContractIsRefusedAlsoOnThePodsOwnAddress() {
    // Given
    String address =
        test.kubectl("get", "pods", "-l", "app=ledger", "-o", "jsonpath={.items[0].status.podIP}");
    // When
    String answer =
        test.shell(
                "deployment/caller",
                "printf 'GET /v1/accounts HTTP/1.1\\r"
                    + "\\n"
                    + "Host: ledger\\r"
                    + "\\n"
                    + "Connection: close\\r"
                    + "\\n"
                    + "\\r"
                    + "\\n"
                    + "' | timeout 30 nc "
                    + address
                    + " 8080")
            .output();
    // Then
    assertThat(answer).startsWith("HTTP/1.1 401 ").contains("\"code\":\"missing-contract\"");
  }

  @Test
  void theColumnsTellWhoWhomAndWhether() {
    // When
    String table = test.kubectl("get", "acap");
    // Then
    assertThat(table.lines().findFirst().orElseThrow().split(" +", -1))
        .startsWith("NAME", "SOURCE", "TARGET", "CALLS", "READY", "REASON", "AGE");
    assertThat(table).contains("caller-may-transfer", "ledger", "True", "Active");
  }

  @Test
  void theSidecarOfTheImageVerifiesWithItsNativeLibrary() {
    // When
    String log = test.kubectl("logs", "deployment/ledger", "-c", "writ-sidecar");
    // Then
    assertThat(log).contains("Ed25519 is native").contains("native=\"true\"");
  }

  @Test
  void theSidecarHoldsNoCredentialOfTheApiServer() {
    // Given
    String pod = test.kubectl("get", "pods", "-l", "app=ledger", "-o", "name").strip();
    // When
    String files =
        test.kubectl(
            "exec",
            pod,
            "-c",
            "writ-sidecar",
            "--",
            "ls",
            "-A",
            "/var/run/secrets/kubernetes.io/serviceaccount");
    // Then
    assertThat(files).isBlank();
  }
}
