package dev.writ.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Pods that ask for a sidecar and are created by dry runs, some in each second, until it closes.
 * Each is asked for once, and has to be answered and injected whatever happens to the operator.
 */
final class DryRuns implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int SOME = 10;

  private final KubernetesClient client = Clients.client();
  private final AtomicInteger made = new AtomicInteger();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final String namespace;
  private volatile boolean closed;

  private DryRuns(String namespace) {
    this.namespace = namespace;
  }

  static DryRuns in(TestNamespace namespace) {
    DryRuns runs = new DryRuns(namespace.name());
    runs.thread.execute(runs::loop);
    return runs;
  }

  /** Waits until so many more were made; none has failed so far. */
  void more() {
    atLeast(made.get() + SOME);
  }

  /** Waits until as many were made in all; none has failed so far. */
  void atLeast(int all) {
    Cluster.await(all + " creates", () -> made.get() >= all);
    assertThat(failed).isEmpty();
  }

  private void loop() {
    while (!closed) {
      String failure = failure();
      if (failure != null) {
        failed.add(failure);
      }
      made.incrementAndGet();
      Cluster.pause(PAUSE);
    }
  }

  /** What became of one create, asked for once; null: what should. */
  private @Nullable String failure() {
    try {
      Pod pod = client.resource(pod()).dryRun().create();
      return pod.getSpec().getInitContainers().stream()
              .anyMatch(container -> container.getName().equals("writ-sidecar"))
          ? null
          : "not injected";
    } catch (RuntimeException e) {
      return Instant.now() + " " + said(e);
    }
  }

  private static String said(Throwable failure) {
    return failure.getCause() == null
        ? failure.toString()
        : failure + ", because of " + said(failure.getCause());
  }

  private Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withGenerateName("dry-run-")
        .addToAnnotations("writ.dev/inject", "enabled")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("agent")
        .withImage("writ-example-agents:local")
        .endContainer()
        .endSpec()
        .build();
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("a create takes for ever");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
