package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  private static final String REPLICAS =
      """
      apiVersion: apps/v1
      kind: ReplicaSet
      metadata: {name: agents, namespace: @NAMESPACE@}
      spec:
        replicas: 1
        selector: {matchLabels: {app: agents}}
        template:
          metadata: {labels: {app: agents}}
          spec:
            securityContext: {runAsNonRoot: true, runAsUser: 65532}
            terminationGracePeriodSeconds: 5
            containers:
            - {name: agent, image: writ-example-agents:local, args: [ledger], ports: [{containerPort: 8080}]}
      """;

  /** How long the operator is away; 180 s is what it is said to be good for. */
  private static final Duration DOWN = Duration.ofSeconds(Integer.getInteger("writ.it.down", 10));

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
    TestNamespace required = cluster.namespace("required", "writ.dev/enforcement=required");
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
      Cluster.pause(DOWN);
      TestNamespace.Answer running = test.transfer(1);
      // Then
      assertThat(asks.code()).isNotZero();
      assertThat(asks.err()).contains("asked.pods.writ.dev");
      assertThat(other.code()).as(other.err()).isZero();
      assertThat(running.status()).as(running.text()).isEqualTo(201);
      // And a namespace that requires injection takes no bare pod, whoever makes it
      cluster.apply(REPLICAS.replace("@NAMESPACE@", required.name()));
      Cluster.await(
          "a refusal",
          () ->
              replicas(required, "conditions[?(@.type=='ReplicaFailure')].message")
                  .contains("required.pods.writ.dev"));
      assertThat(replicas(required, "replicas")).isEqualTo("0");
    } finally {
      cluster.install();
    }
    // And what was kept back comes by itself
    Cluster.await("a replica", () -> replicas(required, "readyReplicas").equals("1"));
    required.close();
    Command again = cluster.applyTry(bare("asks", "writ.dev/inject: enabled"));
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(test.transfer(1).status()).isEqualTo(201);
  }

  /** What ends the process of the sidecar without a word, and what the kubelet says of it. */
  enum End {
    /**
     * A process cannot send SIGKILL to the first one of its own container; this ends a JVM, too.
     */
    CRASH("kill -SEGV 1", "Error"),
    /** Together more than the container may use, each less than the sidecar, which goes first. */
    OUT_OF_MEMORY(
        "for n in 1 2 3 4 5 6 7; do head -c 70000000 /dev/zero | tail | sleep 30 & done; wait",
        "OOMKilled");

    private final String script;
    private final String reason;

    End(String script, String reason) {
      this.script = script;
      this.reason = reason;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSidecarThatEndsWithoutAWordGoesOnWithItsCountAndItsRecords(End end) {
    // Given
    String pod = test.kubectl("get", "pods", "-l", "app=ledger", "-o", "name").strip();
    limit("{\"calls\":100000}");
    long allowedBefore = settled(LifecycleClusterIT::allowed);
    long usedBefore = used();
    int restarts = Integer.parseInt(sidecar(pod, "restartCount"));
    for (int call = 0; call < 5; call++) {
      assertThat(test.transfer(1).status()).isEqualTo(201);
    }
    // When
    test.kubectlTry("exec", pod, "-c", "writ-sidecar", "--", "sh", "-c", end.script);
    // The kubelet may say why a moment after it says that.
    Cluster.await(
        "a restart of the sidecar",
        () ->
            Integer.parseInt(sidecar(pod, "restartCount")) > restarts
                && !sidecar(pod, "lastState.terminated.reason").isEmpty());
    // Then
    assertThat(sidecar(pod, "lastState.terminated.reason")).isEqualTo(end.reason);
    Cluster.await("calls again", () -> test.transfer(1).status() == 201);
    Cluster.await(
        "every call counted once, and recorded once",
        () -> allowed() == allowedBefore + 6 && used() == usedBefore + 6);
    // Others look at what goes on without the operator, which gives out what is counted.
    limit("null");
  }

  private static void limit(String limits) {
    test.kubectl(
        "patch",
        "acap",
        "caller-may-transfer",
        "--type=merge",
        "-p",
        "{\"spec\":{\"limits\":" + limits + "}}");
    String generation =
        test.kubectl("get", "acap", "caller-may-transfer", "-o", "jsonpath={.metadata.generation}");
    test.kubectl(
        "wait",
        "--for=jsonpath={.status.observedGeneration}=" + generation,
        "acap/caller-may-transfer",
        "--timeout",
        TestNamespace.timeout());
    test.ready("acap/caller-may-transfer");
  }

  /** A number that did not change for some seconds. */
  private static long settled(LongSupplier number) {
    long[] last = {-1};
    Cluster.await(
        "a number that stays",
        () -> {
          long now = number.getAsLong();
          boolean same = now == last[0];
          last[0] = now;
          Cluster.pause(Duration.ofSeconds(3));
          return same;
        });
    return last[0];
  }

  private static String sidecar(String pod, String field) {
    return test.kubectl(
        "get",
        pod,
        "-o",
        "jsonpath={.status.initContainerStatuses[?(@.name=='writ-sidecar')]." + field + "}");
  }

  /** Calls whose records the log has. */
  private static long allowed() {
    return number("decisions.allowed");
  }

  /** Calls that the ledger counts. */
  private static long used() {
    return number("calls.used");
  }

  private static long number(String field) {
    String text =
        test.kubectl(
            "get", "acap", "caller-may-transfer", "-o", "jsonpath={.status." + field + "}");
    return text.isEmpty() ? 0 : Long.parseLong(text);
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

  private static String replicas(TestNamespace namespace, String field) {
    return namespace.kubectl("get", "rs", "agents", "-o", "jsonpath={.status." + field + "}");
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
