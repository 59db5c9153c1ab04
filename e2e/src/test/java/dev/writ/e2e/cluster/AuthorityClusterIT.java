package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The operator's authority is replaced under running pods. Its day of overlap is made short by
 * setting back the time of the last step; sidecars get what they mount at the kubelet's own pace.
 */
@EnabledIfSystemProperty(
    named = "writ.it.long",
    matches = "true",
    disabledReason = "takes five minutes of waiting for the kubelet: -Dwrit.it.long=true")
class AuthorityClusterIT {
  private static final String LONG_AGO = "2020-01-01T00:00:00Z";

  private static Cluster cluster;
  private static TestNamespace test;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    test = cluster.namespace("authority");
    test.ledgerAndCaller(1);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void theNextAuthorityIsTrustedThenSignsThenIsAlone() {
    // Given
    String first = entry("writ-ca", "tls.crt");
    // When an administrator asks
    patch("rotate", "now");
    // Then the next is trusted by the API server and by every sidecar, and does not sign yet
    Cluster.await("two authorities", () -> certificates(entry("writ-ca", "ca.crt")) == 2);
    String serving = entry("writ-serving-cert", "tls.crt");
    Cluster.await("two authorities for the API server", () -> certificates(bundle()) == 2);
    Cluster.await("two authorities in a sidecar", () -> certificates(mounted()) == 2);
    assertThat(entry("writ-ca", "tls.crt")).isEqualTo(first);
    // And after the overlap it signs, while the former is trusted
    patch("changed", LONG_AGO);
    Cluster.await(
        "another serving certificate",
        () -> !entry("writ-serving-cert", "tls.crt").equals(serving));
    assertThat(entry("writ-ca", "tls.crt")).isNotEqualTo(first);
    assertThat(certificates(entry("writ-ca", "ca.crt"))).isEqualTo(2);
    // And all goes on: a new pod, and the links of those that run
    test.kubectl("rollout", "restart", "deployment/caller");
    test.rolledOut("caller");
    Cluster.await("calls of the new pod", () -> test.transfer(1).status() == 201);
    test.kubectl(
        "patch",
        "acap",
        "caller-may-transfer",
        "--type=merge",
        "-p",
        "{\"spec\":{\"suspend\":true}}");
    // The caller has no contract any more, or the gate has heard that it is revoked.
    Cluster.await(
        "a revocation arrives",
        () -> test.transfer(1).text().matches("(?s).*\"code\":\"(revoked|missing-contract)\".*"));
    // And after another overlap it is alone
    patch("changed", LONG_AGO);
    Cluster.await("one authority", () -> certificates(entry("writ-ca", "ca.crt")) == 1);
    Cluster.await("one authority for the API server", () -> certificates(bundle()) == 1);
    Command pod =
        cluster.kubectlTry(
            "-n",
            test.name(),
            "run",
            "after",
            "--image=writ-example-agents:local",
            "--annotations=writ.dev/inject=enabled",
            "--dry-run=server");
    assertThat(pod.code()).as(pod.err()).isZero();
  }

  private static void patch(String entry, String value) {
    cluster.kubectl(
        "-n",
        Cluster.SYSTEM,
        "patch",
        "secret",
        "writ-ca",
        "-p",
        String.format(Locale.ROOT, "{\"stringData\":{\"%s\":\"%s\"}}", entry, value));
  }

  private static String entry(String secret, String name) {
    return decoded(
        cluster.kubectl(
            "-n",
            Cluster.SYSTEM,
            "get",
            "secret",
            secret,
            "-o",
            "jsonpath={.data." + name.replace(".", "\\.") + "}"));
  }

  private static String bundle() {
    return decoded(
        cluster.kubectl(
            "get",
            "mutatingwebhookconfiguration",
            "writ",
            "-o",
            "jsonpath={.webhooks[0].clientConfig.caBundle}"));
  }

  private static String mounted() {
    return test.kubectl(
        "exec", "deployment/ledger", "-c", "writ-sidecar", "--", "cat", "/etc/writ/trust/ca.crt");
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.US_ASCII);
  }

  private static long certificates(String pem) {
    return pem.lines().filter(line -> line.contains("BEGIN CERTIFICATE")).count();
  }
}
