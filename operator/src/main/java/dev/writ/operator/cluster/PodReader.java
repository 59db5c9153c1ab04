package dev.writ.operator.cluster;

import dev.writ.contract.Names;
import dev.writ.operator.inject.PodMutator;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads pods as the API server sends them; every absent part has a meaning. */
final class PodReader {
  private PodReader() {}

  static InjectedPod read(Pod pod) {
    PodSpec spec = Objects.requireNonNullElseGet(pod.getSpec(), PodSpec::new);
    String account = spec.getServiceAccountName();
    return new InjectedPod(
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        Objects.requireNonNullElse(pod.getMetadata().getUid(), ""),
        account == null || account.isEmpty() ? "default" : account,
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of()),
        ports(spec),
        refusal(pod),
        hasSidecar(pod) && refusal(pod) != null,
        revoked(pod));
  }

  private static List<InjectedPod.Port> ports(PodSpec spec) {
    List<Container> serving = new ArrayList<>(spec.getContainers());
    spec.getInitContainers().stream().filter(PodReader::nativeSidecar).forEach(serving::add);
    List<InjectedPod.Port> ports = new ArrayList<>();
    for (Container container : serving) {
      for (ContainerPort port : container.getPorts()) {
        if (port.getProtocol() == null || port.getProtocol().equals("TCP")) {
          ports.add(new InjectedPod.Port(port.getName(), port.getContainerPort()));
        }
      }
    }
    return ports;
  }

  /**
   * Whether the pod went through injection. A label alone proves nothing, anybody may set it;
   * annotation and container went through admission together.
   */
  static boolean hasSidecar(Pod pod) {
    Map<String, String> annotations =
        Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
    Map<String, String> labels =
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
    return pod.getSpec() != null
        && pod.getSpec().getInitContainers().stream()
            .anyMatch(
                container ->
                    container.getName().equals(Names.SIDECAR_CONTAINER) && nativeSidecar(container))
        && Names.INJECT_ENABLED.equals(annotations.get(Names.INJECT))
        && PodMutator.INJECTED.equals(labels.get(PodMutator.INJECTED_LABEL));
  }

  private static @Nullable String refusal(Pod pod) {
    if (!hasSidecar(pod)) {
      return "the pod is not injected";
    }
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return "the pod is terminating";
    }
    if (revoked(pod)) {
      return "the pod is revoked, by annotation " + Names.REVOKE;
    }
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase) ? "the pod is over" : null;
  }

  /** Any value but "false": who writes one means it. */
  private static boolean revoked(Pod pod) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations != null
        && annotations.containsKey(Names.REVOKE)
        && !"false".equals(annotations.get(Names.REVOKE));
  }

  private static boolean nativeSidecar(Container container) {
    return "Always".equals(container.getRestartPolicy());
  }
}
