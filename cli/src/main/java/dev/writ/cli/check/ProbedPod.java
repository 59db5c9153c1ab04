package dev.writ.cli.check;

import dev.writ.contract.Names;
import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanOrder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pod to be probed, as the API server has it. What may be open is read from the sidecar that was
 * admitted: where its gate listens, and of its own three ports those that it serves. Any other
 * number that it names is no exception. Pure.
 *
 * @param label of messages, as in {@code pod bank/ledger-0}
 * @param namespace of the pod
 * @param addresses of the pod, each family once
 * @param redirect whether capture is by redirect; else by loopback
 * @param shadow whether its gate lets through what it would refuse
 * @param gates ports that lead to the gate
 * @param own ports of the sidecar itself: metrics, the app's probes, the proof of capture
 * @param identity changes when the pod, or what runs in it, is another one
 */
record ProbedPod(
    String label,
    String namespace,
    List<String> addresses,
    boolean redirect,
    boolean shadow,
    PortSet gates,
    PortSet own,
    String identity) {
  /** Copies. */
  ProbedPod {
    addresses = List.copyOf(addresses);
  }

  /** A pod that can be probed, or why it can't be. */
  sealed interface Reading {
    /** It can. */
    record Fit(ProbedPod pod, GuaranteeLevel level, List<Fact> facts) implements Reading {
      /** Copies. */
      public Fit {
        facts = List.copyOf(facts);
      }
    }

    /** It can't; the facts say what to do. */
    record Unfit(List<Fact> facts) implements Reading {
      /** Copies. */
      public Unfit {
        facts = List.copyOf(facts);
      }
    }
  }

  /**
   * Reads it.
   *
   * @param name as it was asked for
   * @param pod null when there is none
   * @param image of the sidecar that is injected now
   */
  static Reading read(PodName name, @Nullable Pod pod, String image) {
    String label = "pod " + name;
    if (pod == null) {
      return unfit(
          "there is " + label,
          "kubectl -n " + name.namespace() + " get pods lists those there are");
    }
    Container sidecar = ClusterFacts.sidecar(pod).orElse(null);
    String present = label + " has its sidecar";
    if (sidecar == null) {
      return unfit(
          present,
          "nothing checks calls to it (guarantee level "
              + GuaranteeLevel.NONE.word()
              + "): writ explain pod/"
              + name.name()
              + " -n "
              + name.namespace());
    }
    if (Boolean.TRUE.equals(pod.getSpec().getHostNetwork())) {
      return unfit(
          label + " has a network of its own",
          "it has the node's: remove hostNetwork, a gate can't guard a node's ports");
    }
    List<String> addresses = addresses(pod);
    String phase = pod.getStatus() == null ? "Pending" : pod.getStatus().getPhase();
    if (addresses.isEmpty()
        || !"Running".equals(phase)
        || pod.getMetadata().getDeletionTimestamp() != null) {
      return unfit(label + " runs and has an address", "wait for it, or name another one");
    }
    PortSet gates;
    try {
      gates = PortSet.of(ports(variable(sidecar, "WRIT_PORTS")));
    } catch (IllegalArgumentException e) {
      return unfit(
          present, "the sidecar's WRIT_PORTS is not what the webhook writes: make the pod anew");
    }
    ProbedPod probed =
        new ProbedPod(
            label,
            name.namespace(),
            addresses,
            Names.CAPTURE_REDIRECT.equals(variable(sidecar, "WRIT_CAPTURE")),
            Names.MODE_AUDIT.equals(variable(sidecar, "WRIT_GATE")),
            gates,
            own(sidecar),
            identity(pod));
    return probed.levelled(sidecar, pod, present, image);
  }

  private Reading levelled(Container sidecar, Pod pod, String present, String image) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        Fact.holds(
            present
                + " ("
                + GuaranteeLevel.PRESENT.word()
                + ", capture by "
                + (redirect ? Names.CAPTURE_REDIRECT : Names.CAPTURE_LOOPBACK)
                + ")"));
    if (!image.equals(sidecar.getImage())) {
      facts.add(
          Fact.warns(
              label + " has the sidecar that is injected now",
              "its image is "
                  + sidecar.getImage()
                  + ", not "
                  + image
                  + ": older, or not ours; make the pod anew"));
    }
    boolean verified = ready(pod) && (!redirect || captured(pod));
    facts.add(
        Fact.of(
            verified,
            label + " passed its self-test (" + GuaranteeLevel.VERIFIED.word() + ")",
            "its sidecar is not ready; it says why: kubectl get --raw /api/v1/namespaces/"
                + namespace
                + "/pods/"
                + pod.getMetadata().getName()
                + ":"
                + Names.ADMIN_PORT
                + "/proxy"
                + Names.READY_PATH));
    return new Reading.Fit(
        this, verified ? GuaranteeLevel.VERIFIED : GuaranteeLevel.PRESENT, facts);
  }

  private static Reading unfit(String statement, String remedy) {
    return new Reading.Unfit(List.of(Fact.fails(statement, remedy)));
  }

  /** What is to be tried. */
  ScanOrder order(int perSecond) {
    return new ScanOrder(addresses, gates, own, perSecond);
  }

  private static List<String> addresses(Pod pod) {
    if (pod.getStatus() == null) {
      return List.of();
    }
    return Stream.concat(
            Stream.ofNullable(pod.getStatus().getPodIP()),
            Objects.requireNonNullElse(pod.getStatus().getPodIPs(), List.<PodIP>of()).stream()
                .map(PodIP::getIp))
        .filter(address -> address != null && !address.isEmpty())
        .distinct()
        .toList();
  }

  /** Only our own numbers: a sidecar of somebody's making must not name a hole an exception. */
  private static PortSet own(Container sidecar) {
    TreeSet<Integer> own = new TreeSet<>();
    if (variable(sidecar, "WRIT_ADMIN").endsWith("]:" + Names.ADMIN_PORT)) {
      own.add(Names.ADMIN_PORT);
    }
    // With redirect the sidecar has it in any case: the rules let it in.
    if (Names.CAPTURE_REDIRECT.equals(variable(sidecar, "WRIT_CAPTURE"))
        || variable(sidecar, "WRIT_PROBE_LISTEN").endsWith("]:" + Names.PROBE_PORT)) {
      own.add(Names.PROBE_PORT);
    }
    if (sidecar.getStartupProbe() != null
        && sidecar.getStartupProbe().getHttpGet() != null
        && sidecar.getStartupProbe().getHttpGet().getPort() != null
        && Integer.valueOf(Names.PROVING_PORT)
            .equals(sidecar.getStartupProbe().getHttpGet().getPort().getIntVal())) {
      own.add(Names.PROVING_PORT);
    }
    return PortSet.of(own);
  }

  private static List<Integer> ports(String text) {
    return text.isEmpty()
        ? List.of()
        : Stream.of(text.split(",", -1)).map(Integer::valueOf).toList();
  }

  private static boolean ready(Pod pod) {
    return status(pod, Names.SIDECAR_CONTAINER)
        .anyMatch(one -> Boolean.TRUE.equals(one.getReady()));
  }

  private static boolean captured(Pod pod) {
    return status(pod, Names.CAPTURE_CONTAINER)
        .anyMatch(
            one ->
                one.getState() != null
                    && one.getState().getTerminated() != null
                    && Integer.valueOf(0).equals(one.getState().getTerminated().getExitCode()));
  }

  private static Stream<ContainerStatus> status(Pod pod, String container) {
    return Objects.requireNonNullElse(
            pod.getStatus().getInitContainerStatuses(), List.<ContainerStatus>of())
        .stream()
        .filter(one -> one.getName().equals(container));
  }

  private static String identity(Pod pod) {
    return pod.getMetadata().getUid()
        + " "
        + addresses(pod)
        + status(pod, Names.SIDECAR_CONTAINER).map(ContainerStatus::getRestartCount).toList();
  }

  private static String variable(Container container, String name) {
    return PodExplanation.variable(container, name);
  }
}
