package dev.writ.operator.cluster;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** Which pods a Service leads to, and where in them. */
final class ServiceReader {
  /**
   * Known values of {@code appProtocol}; everything else is read as HTTP. (actions.md, Protocol of
   * a port)
   */
  private static final Map<String, String> PROTOCOLS =
      Map.of(
          "writ.dev/mcp", "mcp",
          "agentgateway.dev/mcp", "mcp",
          "kgateway.dev/mcp", "mcp",
          "writ.dev/a2a", "a2a",
          "agentgateway.dev/a2a", "a2a",
          "kgateway.dev/a2a", "a2a",
          "kubernetes.io/h2c", "grpc",
          "grpc", "grpc");

  private ServiceReader() {}

  /** A Service without a selector leads to no pod that we could know of. */
  static boolean selects(Service service, InjectedPod pod) {
    Map<String, String> selector = selector(service);
    return !selector.isEmpty()
        && pod.namespace().equals(service.getMetadata().getNamespace())
        && pod.labels().entrySet().containsAll(selector.entrySet());
  }

  static Map<String, String> selector(Service service) {
    if (service.getSpec() == null || "ExternalName".equals(service.getSpec().getType())) {
      return Map.of();
    }
    return Objects.requireNonNullElse(service.getSpec().getSelector(), Map.of());
  }

  /** Empty if the Service leads to no declared port of the pod. */
  static Optional<GuardedService> guarded(Service service, InjectedPod pod) {
    if (!selects(service, pod)) {
      return Optional.empty();
    }
    List<GuardedService.Port> ports = new ArrayList<>();
    for (ServicePort port : service.getSpec().getPorts()) {
      OptionalInt target = target(port, pod);
      if (target.isPresent()) {
        String name = Objects.requireNonNullElse(port.getName(), "");
        ports.add(new GuardedService.Port(name, target.getAsInt(), protocol(port)));
      }
    }
    return ports.isEmpty()
        ? Optional.empty()
        : Optional.of(new GuardedService(pod.namespace(), service.getMetadata().getName(), ports));
  }

  static String protocol(ServicePort port) {
    return PROTOCOLS.getOrDefault(Objects.requireNonNullElse(port.getAppProtocol(), ""), "http");
  }

  /**
   * The sidecar stands before declared ports alone, so a number that no container declares leads
   * past it.
   */
  private static OptionalInt target(ServicePort port, InjectedPod pod) {
    if (port.getProtocol() != null && !port.getProtocol().equals("TCP")) {
      return OptionalInt.empty();
    }
    IntOrString target = port.getTargetPort();
    String name = target == null ? null : target.getStrVal();
    Integer given = target == null ? null : target.getIntVal();
    int number = given != null && given > 0 ? given : port.getPort();
    return pod.ports().stream()
        .filter(
            declared -> name == null ? declared.number() == number : name.equals(declared.name()))
        .mapToInt(InjectedPod.Port::number)
        .findFirst();
  }
}
