package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two hundred pods, at once and at a steady rate. They are never scheduled: it is the API server
 * and the webhook that are tried. Times are printed, not asserted.
 */
class WebhookLoadClusterIT {
  private static final int PODS = 200;
  private static final Pattern BUCKET =
      Pattern.compile("(?m)^writ_admission_seconds_bucket\\{le=\"([^\"]+)\"} ([0-9.E]+)$");

  /** The API server's own histogram: connection and transport are in it too. */
  private static final Pattern CALLER_BUCKET =
      Pattern.compile(
          "(?m)^apiserver_admission_webhook_admission_duration_seconds_bucket"
              + "\\{name=\"asked\\.pods\\.writ\\.dev\",.*le=\"([^\"]+)\"} ([0-9.e+]+)$");

  /** How fast they come. */
  enum Pace {
    /** All wait for the API server; on few processors most of the time is waiting for one. */
    BURST(16, Duration.ZERO),
    /** What the design names, whatever the answers take. */
    FIFTY_A_SECOND(64, Duration.ofMillis(20));

    private final int atOnce;
    private final Duration between;

    Pace(int atOnce, Duration between) {
      this.atOnce = atOnce;
      this.between = between;
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoHundredPodsAreInjectedAndNoneIsRefused(Pace pace) throws Exception {
    // Given
    Cluster cluster = Cluster.installed();
    try (TestNamespace test = cluster.namespace("load");
        KubernetesClient client = Clients.client()) {
      test.kubectl("create", "serviceaccount", "agent");
      client.resource(pod(test.name(), "warm-up")).create();
      SortedMap<Double, Long> before = answered(cluster);
      SortedMap<Double, Long> waitedBefore = waited(cluster);
      ConcurrentLinkedQueue<Long> micros = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<Pod> created = new ConcurrentLinkedQueue<>();
      // When
      long start = System.nanoTime();
      try (var callers = Executors.newFixedThreadPool(pace.atOnce)) {
        for (int number = 0; number < PODS; number++) {
          Pod pod = pod(test.name(), "agent-" + number);
          long due = start + number * pace.between.toNanos();
          callers.execute(
              () -> {
                LockSupport.parkNanos(due - System.nanoTime());
                long from = System.nanoTime();
                try {
                  created.add(client.resource(pod).create());
                } catch (RuntimeException e) {
                  refusals.add(String.valueOf(e.getMessage()));
                }
                micros.add((System.nanoTime() - from) / 1_000);
              });
        }
      }
      long millis = (System.nanoTime() - start) / 1_000_000;
      // Then
      SortedMap<Double, Long> after = answered(cluster);
      List<Long> sorted = new ArrayList<>(micros);
      sorted.sort(null);
      System.out.printf(
          "webhook, %s: %d pods in %d ms; create p50 %d us, p99 %d us; answered within %s;"
              + " as the API server sees it %s%n",
          pace,
          PODS,
          millis,
          sorted.get(PODS / 2),
          sorted.get(PODS * 99 / 100 - 1),
          figures(before, after),
          figures(waitedBefore, waited(cluster)));
      assertThat(refusals).isEmpty();
      assertThat(after.get(Double.MAX_VALUE) - before.get(Double.MAX_VALUE))
          .isGreaterThanOrEqualTo(PODS);
      assertThat(created)
          .hasSize(PODS)
          .allSatisfy(
              pod ->
                  assertThat(pod.getSpec().getInitContainers())
                      .extracting("name")
                      .contains("writ-sidecar"));
      client.pods().inNamespace(test.name()).withGracePeriod(0).delete();
    }
  }

  /** The webhook's own histogram over both replicas: upper bound in seconds to how many. */
  private static SortedMap<Double, Long> answered(Cluster cluster) {
    SortedMap<Double, Long> within = new TreeMap<>();
    for (String pod :
        cluster
            .kubectl(
                "-n",
                Cluster.SYSTEM,
                "get",
                "pods",
                "-l",
                "app.kubernetes.io/component=operator",
                "-o",
                "jsonpath={.items[*].metadata.name}")
            .strip()
            .split(" ", -1)) {
      add(
          within,
          BUCKET,
          cluster.kubectl(
              "get",
              "--raw",
              "/api/v1/namespaces/" + Cluster.SYSTEM + "/pods/" + pod + ":8080/proxy/metrics"));
    }
    return within;
  }

  /** The same as the API server sees it. */
  private static SortedMap<Double, Long> waited(Cluster cluster) {
    SortedMap<Double, Long> within = new TreeMap<>();
    add(within, CALLER_BUCKET, cluster.kubectl("get", "--raw", "/metrics"));
    return within;
  }

  private static void add(SortedMap<Double, Long> within, Pattern pattern, String metrics) {
    Matcher bucket = pattern.matcher(metrics);
    while (bucket.find()) {
      double bound =
          bucket.group(1).equals("+Inf") ? Double.MAX_VALUE : Double.parseDouble(bucket.group(1));
      within.merge(bound, Math.round(Double.parseDouble(bucket.group(2))), Long::sum);
    }
  }

  /** Of the answers between two looks: how many took no longer than each bound. */
  private static String figures(SortedMap<Double, Long> before, SortedMap<Double, Long> after) {
    StringBuilder text = new StringBuilder();
    after.forEach(
        (bound, count) ->
            text.append(bound == Double.MAX_VALUE ? "all" : Math.round(bound * 1_000) + " ms")
                .append(": ")
                .append(count - before.getOrDefault(bound, 0L))
                .append(' '));
    return text.toString().strip();
  }

  private static Pod pod(String namespace, String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .addToAnnotations("writ.dev/inject", "enabled")
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName("agent")
        .withSchedulerName("nobody")
        .addNewContainer()
        .withName("agent")
        .withImage("writ-example-agents:local")
        .addNewPort()
        .withContainerPort(8080)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }
}
