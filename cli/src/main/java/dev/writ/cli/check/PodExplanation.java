package dev.writ.cli.check;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether calls to a pod pass its gate, why not, and what to change. Pure. */
final class PodExplanation {
  private final Pod pod;
  private final boolean required;
  private final List<String> lines = new ArrayList<>();

  private PodExplanation(Pod pod, boolean required) {
    this.pod = pod;
    this.required = required;
  }

  /**
   * Explains a pod.
   *
   * @param required whether its namespace requires injection
   * @param services of its namespace
   */
  static List<String> of(Pod pod, boolean required, List<Service> services) {
    PodExplanation explanation = new PodExplanation(pod, required);
    explanation.explain(services);
    return explanation.lines;
  }

  private void explain(List<Service> services) {
    Optional<Container> sidecar = ClusterFacts.sidecar(pod);
    if (sidecar.isEmpty()) {
      bare();
      return;
    }
    String capture = variable(sidecar.get(), "WRIT_CAPTURE");
    String ports = variable(sidecar.get(), "WRIT_PORTS");
    lines.add(
        "injected: sidecar "
            + sidecar.get().getImage()
            + ", capture by "
            + (capture.isEmpty() ? "an older version" : capture)
            + (ports.isEmpty() ? ", no port guarded: it only calls" : ", guards " + ports));
    if ("audit".equals(variable(sidecar.get(), "WRIT_GATE"))) {
      lines.add(
          "shadow mode: calls that would be refused are recorded and let through; remove annotation"
              + " "
              + Names.MODE
              + " to refuse them");
    }
    for (String name : List.of(Names.CAPTURE_CONTAINER, Names.SIDECAR_CONTAINER)) {
      container(name);
    }
    services.forEach(service -> unguarded(service, ports));
  }

  private void bare() {
    Map<String, String> annotations =
        Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
    lines.add("not injected: nothing checks calls to this pod, and it holds no contract");
    if (Names.INJECT_ENABLED.equals(annotations.get(Names.INJECT)) || required) {
      lines.add(
          "it asks for a sidecar, or its namespace requires one, and it is older than that or than"
              + " the installation: make it anew");
      lines.add("  " + restart());
    } else {
      lines.add("it does not ask for a sidecar; to ask:");
      lines.add("  " + patch("{\"" + Names.INJECT + "\":\"" + Names.INJECT_ENABLED + "\"}"));
    }
  }

  private void container(String name) {
    for (ContainerStatus status : statuses()) {
      if (!status.getName().equals(name) || status.getState() == null) {
        continue;
      }
      var terminated = status.getState().getTerminated();
      if (terminated == null && status.getLastState() != null) {
        terminated = status.getLastState().getTerminated();
      }
      if (status.getState().getWaiting() != null) {
        lines.add(
            name
                + " waits: "
                + status.getState().getWaiting().getReason()
                + said(status.getState().getWaiting().getMessage()));
      }
      if (terminated != null && !Objects.equals(terminated.getExitCode(), 0)) {
        lines.add(name + " ended with " + terminated.getExitCode() + said(terminated.getMessage()));
      }
      if (name.equals(Names.SIDECAR_CONTAINER)
          && status.getState().getRunning() != null
          && !Boolean.TRUE.equals(status.getReady())) {
        lines.add(
            "the sidecar is not ready; it says why: kubectl -n "
                + pod.getMetadata().getNamespace()
                + " get --raw /api/v1/namespaces/"
                + pod.getMetadata().getNamespace()
                + "/pods/"
                + pod.getMetadata().getName()
                + ":"
                + Names.ADMIN_PORT
                + "/proxy"
                + Names.READY_PATH);
      }
    }
  }

  private List<ContainerStatus> statuses() {
    return pod.getStatus() == null || pod.getStatus().getInitContainerStatuses() == null
        ? List.of()
        : pod.getStatus().getInitContainerStatuses();
  }

  private static String said(@Nullable String message) {
    return message == null || message.isBlank() ? "" : ": " + message.strip();
  }

  /** A Service that leads to a port nobody declared leads nowhere, or past the gate. */
  private void unguarded(Service service, String ports) {
    Map<String, String> selector =
        Objects.requireNonNullElse(service.getSpec().getSelector(), Map.of());
    Map<String, String> labels =
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
    if (selector.isEmpty() || !labels.entrySet().containsAll(selector.entrySet())) {
      return;
    }
    for (ServicePort port : service.getSpec().getPorts()) {
      String target = String.valueOf(number(port));
      if (!List.of(ports.split(",", -1)).contains(target)) {
        lines.add(
            "Service "
                + service.getMetadata().getName()
                + " leads port "
                + port.getPort()
                + " to "
                + target
                + ", which no container declares: declare it as containerPort, so that the gate"
                + " guards it");
      }
    }
  }

  private int number(ServicePort port) {
    IntOrString target = port.getTargetPort();
    if (target == null) {
      return port.getPort();
    }
    if (target.getStrVal() == null) {
      return target.getIntVal();
    }
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(declared -> target.getStrVal().equals(declared.getName()))
        .map(ContainerPort::getContainerPort)
        .findFirst()
        .orElse(-1);
  }

  private String patch(String annotations) {
    return "kubectl -n "
        + pod.getMetadata().getNamespace()
        + " patch "
        + workload()
        + " --type merge -p '{\"spec\":{\"template\":{\"metadata\":{\"annotations\":"
        + annotations
        + "}}}}'";
  }

  private String restart() {
    return "kubectl -n " + pod.getMetadata().getNamespace() + " rollout restart " + workload();
  }

  /** A ReplicaSet is made by a Deployment whose name goes before its hash. */
  private String workload() {
    for (OwnerReference owner :
        Objects.requireNonNullElse(
            pod.getMetadata().getOwnerReferences(), List.<OwnerReference>of())) {
      if (owner.getKind().equals("ReplicaSet")) {
        int hash = owner.getName().lastIndexOf('-');
        return "deployment/"
            + owner.getName().substring(0, hash < 0 ? owner.getName().length() : hash);
      }
      return owner.getKind().toLowerCase(Locale.ROOT) + "/" + owner.getName();
    }
    return "<what made the pod>";
  }

  static String variable(Container container, String name) {
    return container.getEnv().stream()
        .filter(variable -> variable.getName().equals(name) && variable.getValue() != null)
        .map(EnvVar::getValue)
        .findFirst()
        .orElse("");
  }
}
