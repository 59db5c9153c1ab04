package dev.writ.operator.leader;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's candidacy for the one lease. (architecture.md, Operator replicas)
 *
 * <p>It makes it unlikely that two lead; that nothing is counted or logged twice when they do rests
 * on the compare-and-swaps of what they write.
 */
public final class Leadership implements AutoCloseable {
  /** Name of the Lease. */
  public static final String LEASE = "writ-operator";

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  /** After a leader died without giving it away, another one waits this long. */
  private static final Duration LEASE_DURATION = Duration.ofSeconds(15);

  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);
  private static final long RELEASE_SECONDS = 5;

  private final LeaderLabel label;
  private final ExecutorService thread =
      Executors.newCachedThreadPool(Thread.ofPlatform().name("leadership-", 0).daemon().factory());
  private final CompletableFuture<?> election;
  private volatile boolean closing;
  private volatile boolean leading;

  /** Takes up the leader's work; what it throws ends the candidacy. */
  @FunctionalInterface
  public interface Work {
    /** Blocks until sidecars can be answered. */
    void begin() throws Exception;
  }

  private Leadership(
      KubernetesClient client, String namespace, String pod, Work work, Runnable lost) {
    label = new LeaderLabel(client, namespace, pod);
    label.drop();
    LeaderCallbacks callbacks =
        new LeaderCallbacks(
            () -> thread.execute(() -> begin(work, lost)),
            () -> stopped(lost),
            leader -> LOG.atInfo().addKeyValue("leader", leader).log("a leader was chosen"));
    LeaderElectionConfig config =
        new LeaderElectionConfigBuilder()
            .withName(LEASE)
            .withLock(new LeaseLock(namespace, LEASE, pod))
            .withLeaseDuration(LEASE_DURATION)
            .withRenewDeadline(RENEW_DEADLINE)
            .withRetryPeriod(RETRY_PERIOD)
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(callbacks)
            .build();
    election = new LeaderElector(client, config, thread).start();
  }

  /**
   * Stands for election from now on.
   *
   * @param pod name of this replica's pod
   * @param work begun once, on a thread of its own, when this replica leads
   * @param lost called when it leads no more, or its work could not be begun: the process has to
   *     end, as nothing of the work can be taken back
   * @throws KubernetesClientException if the pod can't be read
   */
  public static Leadership seek(
      KubernetesClient client, String namespace, String pod, Work work, Runnable lost) {
    return new Leadership(client, namespace, pod, work, lost);
  }

  /** Whether this replica leads and answers sidecars. */
  public boolean leading() {
    return leading;
  }

  private void begin(Work work, Runnable lost) {
    try {
      work.begin();
      label.take();
      leading = true;
      LOG.atInfo().log("leading");
    } catch (Exception e) {
      if (!closing) {
        LOG.atError().addKeyValue("cause", e.toString()).log("couldn't begin to lead");
        LOG.debug("cause", e);
        lost.run();
      }
    }
  }

  private void stopped(Runnable lost) {
    if (!closing) {
      LOG.atError().log("the lease was lost");
      lost.run();
    }
  }

  /** Gives the lease away, if it is ours: call it once the work has ended. */
  @Override
  public void close() {
    closing = true;
    leading = false;
    election.cancel(true);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(RELEASE_SECONDS, TimeUnit.SECONDS)) {
        LOG.atWarn().log("couldn't give the lease away; another leader waits until it expires");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
