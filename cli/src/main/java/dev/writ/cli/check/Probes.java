package dev.writ.cli.check;

import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.KubeFailure;
import dev.writ.contract.scan.ScanOrder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Probes pods from outside, one after the other, and takes away what it makes for that. */
final class Probes {
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
  private static final Duration GRACE = Duration.ofMinutes(5);

  private final KubernetesClient client;
  private final @Nullable Deployment operator;
  private final @Nullable String image;
  private final int perSecond;
  private final Surroundings surroundings;

  /**
   * Beside an operator.
   *
   * @param operator null when there is none
   * @param image of the sidecar, null when it is not known
   * @param perSecond connections
   * @param surroundings told what takes long, on {@code err}
   */
  Probes(
      KubernetesClient client,
      @Nullable Deployment operator,
      @Nullable String image,
      int perSecond,
      Surroundings surroundings) {
    this.client = client;
    this.operator = operator;
    this.image = image;
    this.perSecond = perSecond;
    this.surroundings = surroundings;
  }

  /** Probes one pod. */
  List<Fact> of(PodName name) {
    Deployment beside = operator;
    String sidecar = image;
    if (beside == null || sidecar == null) {
      return List.of(
          Fact.fails(
              "pod " + name + " can be probed",
              "the probe runs beside the operator, with the sidecar's image that it names: install"
                  + " the chart first"));
    }
    try {
      return switch (ProbedPod.read(name, pod(name), sidecar)) {
        case ProbedPod.Reading.Unfit unfit -> unfit.facts();
        case ProbedPod.Reading.Fit fit -> {
          List<Fact> facts = new ArrayList<>(fit.facts());
          probe(name, fit, beside, sidecar, facts);
          yield facts;
        }
      };
    } catch (KubernetesClientException e) {
      return List.of(Fact.fails("pod " + name + " can be looked at", KubeFailure.why(e)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(Fact.fails("pod " + name + " can be probed", "interrupted"));
    }
  }

  private @Nullable Pod pod(PodName name) {
    return client.pods().inNamespace(name.namespace()).withName(name.name()).get();
  }

  private void probe(
      PodName name, ProbedPod.Reading.Fit fit, Deployment beside, String sidecar, List<Fact> facts)
      throws InterruptedException {
    removeLeftOver(beside.getMetadata().getNamespace());
    ProbedPod pod = fit.pod();
    ScanOrder order = pod.order(perSecond);
    Pod wanted = ProbePod.of(beside, sidecar, uniqueName(), order);
    surroundings
        .err()
        .println(
            "probing "
                + pod.label()
                + " from pod "
                + wanted.getMetadata().getNamespace()
                + "/"
                + wanted.getMetadata().getName()
                + ", which takes up to some "
                + order.usualSeconds()
                + " s");
    try (ProbeRun run = new ProbeRun(client, wanted, ProbePod.seconds(order))) {
      Thread interrupted = new Thread(run::remove, "remove probe");
      Runtime.getRuntime().addShutdownHook(interrupted);
      try {
        ProbeRun.Result result = run.result();
        run.remove();
        facts.addAll(judged(name, sidecar, fit, wanted, result));
        if (!run.gone()) {
          facts.add(stays(wanted));
        }
      } finally {
        forget(interrupted);
      }
    }
  }

  private static Fact stays(Pod probe) {
    return Fact.warns(
        "the probing pod is gone",
        "kubectl -n "
            + probe.getMetadata().getNamespace()
            + " delete pod "
            + probe.getMetadata().getName());
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending: the hook runs, and finds nothing.
    }
  }

  private List<Fact> judged(
      PodName name, String sidecar, ProbedPod.Reading.Fit fit, Pod probe, ProbeRun.Result result) {
    ProbedPod pod = fit.pod();
    return switch (result) {
      case ProbeRun.Result.Nothing nothing ->
          List.of(
              Fact.fails(
                  pod.label()
                      + " was probed from outside (guarantee level reached: "
                      + fit.level().word()
                      + ")",
                  "pod " + probe.getMetadata().getName() + ": " + nothing.why()));
      case ProbeRun.Result.Reports found ->
          ProbedPod.read(name, pod(name), sidecar) instanceof ProbedPod.Reading.Fit after
                  && after.pod().identity().equals(pod.identity())
              ? ProbeVerdict.of(
                  pod, after.level(), probe.getMetadata().getNamespace(), found.reports())
              : List.of(
                  Fact.warns(
                      pod.label() + " stayed the same while it was probed",
                      "it, or its sidecar, was replaced meanwhile, so nothing is known: run it"
                          + " again"));
    };
  }

  private static String uniqueName() {
    return "writ-probe-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /**
   * What a run left that was killed: ended by its own deadline, and still in the list. A pod that
   * ended a moment ago is another run's.
   */
  private void removeLeftOver(String namespace) {
    try {
      for (Pod pod :
          client.pods().inNamespace(namespace).withLabels(ProbePod.LABELS).list().getItems()) {
        if (isLeftOver(pod, surroundings.clock().instant())) {
          client.resource(pod).delete();
        }
      }
    } catch (KubernetesClientException _) {
      // Who may not list pods there may still make one.
    }
  }

  static boolean isLeftOver(Pod pod, Instant now) {
    String created = pod.getMetadata().getCreationTimestamp();
    Long seconds = pod.getSpec().getActiveDeadlineSeconds();
    return pod.getStatus() != null
        && ENDED.contains(String.valueOf(pod.getStatus().getPhase()))
        && created != null
        && seconds != null
        && Instant.parse(created).plusSeconds(seconds).plus(GRACE).isBefore(now);
  }
}
