package dev.writ.cli.check;

import dev.writ.cli.kube.KubeFailure;
import dev.writ.contract.MalformedException;
import dev.writ.contract.scan.ScanReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A probing pod from its creation to its end. However this ends, the pod is asked to go: removing
 * is for any thread, also while it is being made, and more than once.
 */
final class ProbeRun implements AutoCloseable {
  private static final long STEP_MILLIS = 500;
  private static final int GONE_SECONDS = 30;

  /** How long the API server may be away. */
  private static final int AWAY_SECONDS = 60;

  /** A report has at most some 200 KB, with every other port open. */
  private static final int MAX_LOG = 1 << 20;

  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int SERVER_ERROR = 500;

  private final KubernetesClient client;
  private final Pod wanted;
  private final int seconds;
  private boolean made;
  private boolean closed;

  /**
   * Of this pod, not made yet.
   *
   * @param seconds after which it is given up
   */
  ProbeRun(KubernetesClient client, Pod wanted, int seconds) {
    this.client = client;
    this.wanted = wanted;
    this.seconds = seconds;
  }

  /** What came of it. */
  sealed interface Result {
    /** What it found, as far as it got. */
    record Reports(List<ScanReport> reports) implements Result {
      /** Copies. */
      public Reports {
        reports = List.copyOf(reports);
      }
    }

    /** Nothing, and why: one sentence without its end. */
    record Nothing(String why) implements Result {}
  }

  private PodResource pod() {
    return client
        .pods()
        .inNamespace(wanted.getMetadata().getNamespace())
        .withName(wanted.getMetadata().getName());
  }

  /** Makes it, waits for its end, and reads what it found. */
  Result result() throws InterruptedException {
    try {
      make();
    } catch (KubernetesClientException e) {
      return new Result.Nothing("it could not be made: " + KubeFailure.why(e));
    }
    long begun = System.nanoTime();
    long heard = begun;
    while (true) {
      long now = System.nanoTime();
      try {
        switch (ProbeProgress.of(pod().get(), TimeUnit.NANOSECONDS.toSeconds(now - begun))) {
          case ProbeProgress.Done _ -> {
            return read();
          }
          case ProbeProgress.Failed failed -> {
            return new Result.Nothing(failed.why());
          }
          case ProbeProgress.Goes _ -> heard = now;
        }
      } catch (KubernetesClientException e) {
        if (e.getCode() == 401
            || e.getCode() == 403
            || now - heard > TimeUnit.SECONDS.toNanos(AWAY_SECONDS)) {
          return new Result.Nothing("it could not be looked at: " + KubeFailure.why(e));
        }
      }
      if (now - begun > TimeUnit.SECONDS.toNanos(seconds)) {
        return new Result.Nothing("it did not end within " + seconds + " s");
      }
      Thread.sleep(STEP_MILLIS);
    }
  }

  private synchronized void make() {
    if (closed) {
      throw new KubernetesClientException("interrupted");
    }
    // Also when the answer is lost there may be one of this name; not, when it is a refusal.
    made = true;
    try {
      client.resource(wanted).create();
    } catch (KubernetesClientException e) {
      made = e.getCode() < BAD_REQUEST || e.getCode() >= SERVER_ERROR;
      throw e;
    }
  }

  private Result read() {
    String log;
    try {
      log = pod().inContainer(ProbePod.CONTAINER).limitBytes(MAX_LOG).getLog();
    } catch (KubernetesClientException e) {
      return new Result.Nothing("its log could not be read: " + KubeFailure.why(e));
    }
    try {
      return new Result.Reports(reports(log));
    } catch (MalformedException e) {
      return new Result.Nothing(
          "its log is not what a sidecar of this version writes ("
              + e.getMessage()
              + "): are operator and writ of one version?");
    }
  }

  /** The reports among the lines of a log. */
  static List<ScanReport> reports(String log) throws MalformedException {
    List<ScanReport> reports = new ArrayList<>();
    for (String line : log.split("\n", -1)) {
      if (line.startsWith("{\"" + ScanReport.KIND + "\":")) {
        reports.add(ScanReport.parse(line.stripTrailing()));
      }
    }
    return reports;
  }

  @Override
  public void close() {
    remove();
  }

  /** Asks it to go, at once. */
  synchronized void remove() {
    closed = true;
    if (made) {
      try {
        pod().withGracePeriod(1).delete();
      } catch (KubernetesClientException _) {
        // Who waits for it to be gone says that it is not; its own deadline ends it.
      }
    }
  }

  private synchronized boolean isMade() {
    return made;
  }

  /** Whether it is gone, after some seconds of waiting. */
  boolean gone() throws InterruptedException {
    if (!isMade()) {
      return true;
    }
    for (int step = 0; step < TimeUnit.SECONDS.toMillis(GONE_SECONDS) / STEP_MILLIS; step++) {
      try {
        if (pod().get() == null) {
          return true;
        }
        remove();
      } catch (KubernetesClientException e) {
        if (e.getCode() == NOT_FOUND) {
          return true;
        }
      }
      Thread.sleep(STEP_MILLIS);
    }
    return false;
  }
}
