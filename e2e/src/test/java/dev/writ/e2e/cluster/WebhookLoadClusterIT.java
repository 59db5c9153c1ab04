package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * Two hundred pods at once. They are never scheduled: it is the API server and the webhook that are
 * tried. Times are printed, not asserted.
 */
class WebhookLoadClusterIT {
  private static final int PODS = 200;
  private static final int AT_ONCE = 16;

  @Test
  void twoHundredPodsAreInjectedAndNoneIsRefused() throws Exception {
    // Given
    Cluster cluster = Cluster.installed();
    try (TestNamespace test = cluster.namespace("burst");
        KubernetesClient client = Clients.client()) {
      test.kubectl("create", "serviceaccount", "agent");
      client.resource(pod(test.name(), "warm-up")).create();
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
          "webhook: %d pods in %d ms; create p50 %d us, p99 %d us; %s%n",
          PODS,
          millis,
          sorted.get(PODS / 2),
          sorted.get(PODS * 99 / 100 - 1),
          webhookFigures(cluster));
      assertThat(refusals).isEmpty();
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

  /** The API server's own histogram of the webhook, since the cluster started. */
  private static String webhookFigures(Cluster cluster) {
    StringBuilder figures = new StringBuilder();
    cluster
        .kubectl("get", "--raw", "/metrics")
        .lines()
        .filter(line -> line.startsWith("apiserver_admission_webhook_admission_duration_seconds_"))
        .filter(line -> line.contains("asked.pods.writ.dev"))
        .filter(line -> line.contains("le=\"0.1\"") || line.contains("_count{"))
        .forEach(
            line ->
                figures
                    .append(line.contains("_count{") ? "all " : "within 100 ms ")
                    .append(line.substring(line.lastIndexOf(' ') + 1))
                    .append(' '));
    return figures.toString();
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
