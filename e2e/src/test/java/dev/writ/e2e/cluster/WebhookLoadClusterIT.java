package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Two hundred pods at once. They are never scheduled: it is the API server and the webhook that are
 * tried. Times are printed, not asserted.
 */
class WebhookLoadClusterIT {
  private static final int PODS = 200;
  private static final int AT_ONCE = 16;
  private static final Pattern BUCKET =
      Pattern.compile("(?m)^writ_admission_seconds_bucket\\{le=\"([^\"]+)\"} ([0-9.E]+)$");

  @Test
  void twoHundredPodsAreInjectedAndNoneIsRefused() throws Exception {
    // Given
    Cluster cluster = Cluster.installed();
    try (TestNamespace test = cluster.namespace("burst");
        KubernetesClient client = Clients.client()) {
      test.kubectl("create", "serviceaccount", "agent");
      client.resource(pod(test.name(), "warm-up")).create();
      SortedMap<Double, Long> before = answered(cluster);
      ConcurrentLinkedQueue<Long> micros = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<Pod> created = new ConcurrentLinkedQueue<>();
      // When
      long start = System.nanoTime();
      try (var callers = Executors.newFixedThreadPool(AT_ONCE)) {
        for (int number = 0; number < PODS; number++) {
          Pod pod = pod(test.name(), "agent-" + number);
          callers.execute(
              () -> {
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
      List<Long> sorted = new ArrayList<>(micros);
      sorted.sort(null);
      System.out.printf(
          "webhook: %d pods in %d ms; create p50 %d us, p99 %d us; answered within %s%n",
          PODS,
          millis,
          sorted.get(PODS / 2),
          sorted.get(PODS * 99 / 100 - 1),
          figures(before, answered(cluster)));
      assertThat(refusals).isEmpty();
      assertThat(answered(cluster).get(Double.MAX_VALUE) - before.get(Double.MAX_VALUE))
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
      Matcher bucket =
          BUCKET.matcher(
              cluster.kubectl(
                  "get",
                  "--raw",
                  "/api/v1/namespaces/" + Cluster.SYSTEM + "/pods/" + pod + ":8080/proxy/metrics"));
      while (bucket.find()) {
        double bound =
            bucket.group(1).equals("+Inf") ? Double.MAX_VALUE : Double.parseDouble(bucket.group(1));
        within.merge(bound, Math.round(Double.parseDouble(bucket.group(2))), Long::sum);
      }
    }
    return within;
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
