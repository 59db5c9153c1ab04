package dev.writ.operator;

import dev.writ.operator.counting.LedgerDesk;
import dev.writ.operator.reconcile.PodRevocations;
import dev.writ.operator.reconcile.Watchdog;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done by the clock: lists signed again, Secrets read again, the controller's work checked.
 */
final class Upkeep {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

  /** Sidecars refuse at five minutes: four failures in a row may pass. */
  private static final Duration EVERY = Duration.ofSeconds(60);

  private final Parts parts;

  /**
   * The parts it looks after.
   *
   * @param superseded called when another operator took over
   */
  record Parts(
      KubernetesClient client,
      RevocationRegister register,
      LedgerDesk ledgers,
      Watchdog watchdog,
      PodRevocations revocations,
      MeterRegistry metrics,
      Runnable superseded) {}

  Upkeep(Parts parts) {
    this.parts = parts;
  }

  /**
   * Does everything once, then again each minute; one failing task does not keep another from
   * running.
   */
  void start(ScheduledExecutorService threads) {
    schedule(threads, "sign the revocation list", parts.register::renew);
    schedule(threads, "look for what the controller missed", this::watch);
    schedule(threads, "settle what gone pods held", () -> parts.ledgers.sweep(this::podsIn));
    schedule(threads, "revoke pods", parts.revocations::look);
  }

  /** One task of every replica, leader or not. */
  static void schedule(
      ScheduledExecutorService threads, MeterRegistry metrics, String what, Runnable task) {
    schedule(threads, metrics, what, EVERY, task);
  }

  /** The same at a pace of its own. */
  static void schedule(
      ScheduledExecutorService threads,
      MeterRegistry metrics,
      String what,
      Duration every,
      Runnable task) {
    var _ =
        threads.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                failed(metrics, what, e);
              }
            },
            every.toMillis(),
            every.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private static void failed(MeterRegistry metrics, String what, RuntimeException e) {
    metrics.counter("writ_upkeep_failures_total", "task", what).increment();
    LOG.atWarn().addKeyValue("cause", e.getMessage()).log("couldn't {}; tried again", what);
  }

  private interface Task {
    void run() throws StaleVersionException;
  }

  private void schedule(ScheduledExecutorService threads, String what, Task task) {
    var _ =
        threads.scheduleAtFixedRate(
            () -> run(what, task), 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run(String what, Task task) {
    try {
      task.run();
    } catch (StaleVersionException e) {
      LOG.atError().addKeyValue("cause", e.getMessage()).log("another operator took over");
      parts.superseded.run();
    } catch (RuntimeException e) {
      failed(parts.metrics, what, e);
    }
  }

  private void watch() throws StaleVersionException {
    parts.watchdog.look(
        parts.client.resources(AgentCapability.class).inAnyNamespace().list().getItems());
  }

  /** From the API server: what a pod held is counted as used once, and for good. */
  private Set<String> podsIn(String namespace) {
    return parts.client.pods().inNamespace(namespace).list().getItems().stream()
        .map(pod -> pod.getMetadata().getUid())
        .collect(Collectors.toSet());
  }
}
