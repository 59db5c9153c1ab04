package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What goes away comes back, and meanwhile keeps back no more than it must. */
class LifecycleClusterIT {
  private static final String BARE =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: @NAME@, namespace: @NAMESPACE@, annotations: {@ASKS@}}
      spec:
        schedulerName: nobody
        containers:
        - {name: agent, image: writ-example-agents:local, args: [ledger]}
      """;

  private static Cluster cluster;
  private static TestNamespace test;

  @BeforeAll
  static void start() {
    cluster = Cluster.installed();
    test = cluster.namespace("lifecycle");
    test.ledgerAndCaller(1);
  }

  @AfterAll
  static void stop() {
    test.close();
  }

  @Test
  void anOperatorThatIsDownKeepsBackOnlyPodsThatAsk() {
    // Given
    cluster.kubectl("-n", Cluster.SYSTEM, "scale", "deployment/writ-operator", "--replicas", "0");
    cluster.kubectl(
        "-n",
        Cluster.SYSTEM,
        "wait",
        "--for=delete",
        "pods",
        "-l",
        "app.kubernetes.io/component=operator",
        "--timeout",
        TestNamespace.timeout());
    try {
      // When
      Command asks = cluster.applyTry(bare("asks", "writ.dev/inject: enabled"));
      Command other = cluster.applyTry(bare("other", ""));
      TestNamespace.Answer running = test.transfer(1);
      // Then
      assertThat(asks.code()).isNotZero();
      assertThat(asks.err()).contains("asked.pods.writ.dev");
      assertThat(other.code()).as(other.err()).isZero();
      assertThat(running.status()).as(running.text()).isEqualTo(201);
    } finally {
      cluster.install();
    }
    Command again = cluster.applyTry(bare("asks", "writ.dev/inject: enabled"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(test.transfer(1).status()).isEqualTo(201);
  }

  @Test
  void aSidecarThatIsKilledComesBackWithItsCounters() {
    // Given
    String pod = test.kubectl("get", "pods", "-l", "app=ledger", "-o", "name").strip();
    assertThat(test.transfer(1).status()).isEqualTo(201);
    // When
    test.kubectlTry("exec", pod, "-c", "writ-sidecar", "--", "kill", "-9", "1");
    test.kubectlTry("exec", pod, "-c", "writ-sidecar", "--", "kill", "1");
    Cluster.await(
        "a restart of the sidecar",
        () ->
            test.kubectl(
                    "get",
                    pod,
                    "-o",
                    "jsonpath={.status.initContainerStatuses[?(@.name=='writ-sidecar')].restartCount}")
                .equals("1"));
    // Then
    Cluster.await("calls again", () -> test.transfer(1).status() == 201);
  }

  @Test
  void aLeaderThatIsKilledIsFollowedByAnother() {
    // Given
    String leader = leader();
    // When
    cluster.kubectl("-n", Cluster.SYSTEM, "delete", "pod", leader, "--force", "--grace-period=0");
    // Then
    Cluster.await("another leader", () -> !leader().isEmpty() && !leader().equals(leader));
    cluster.awaitLeader();
    assertThat(test.transfer(1).status()).isEqualTo(201);
  }

  @Test
  void afterALostServingCertificateThereIsAnother() {
    // Given
    String before = secret("writ-serving-cert");
    // When
    cluster.kubectl("-n", Cluster.SYSTEM, "delete", "secret", "writ-serving-cert");
    // Then
    Cluster.await(
        "a new serving certificate",
        () -> {
          String now = secret("writ-serving-cert");
          return !now.isBlank() && !now.equals(before);
        });
    Command asks = cluster.applyTry(bare("after-rotation", "writ.dev/inject: enabled"));
    assertThat(asks.code()).as(asks.err()).isZero();
  }

  private static String secret(String name) {
    return cluster
        .kubectlTry("-n", Cluster.SYSTEM, "get", "secret", name, "-o", "jsonpath={.data}")
        .out();
  }

  private static String leader() {
    return cluster.kubectl(
        "-n",
        Cluster.SYSTEM,
        "get",
        "pods",
        "-l",
        "writ.dev/leader=true",
        "-o",
        "jsonpath={.items[*].metadata.name}");
  }

  private static String bare(String name, String asks) {
    return BARE.replace("@NAMESPACE@", test.name()).replace("@NAME@", name).replace("@ASKS@", asks);
  }
}
