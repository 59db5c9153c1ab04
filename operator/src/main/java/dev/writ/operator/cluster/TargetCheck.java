package dev.writ.operator.cluster;

import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether calls to a Service end at gates that can read them. Pure. */
final class TargetCheck {
  private TargetCheck() {}

  /**
   * Decides about an existing Service.
   *
   * @param pods live injected pods of its namespace
   * @param bare names of pods behind it that have no sidecar
   */
  static Resolution of(Terms terms, Service service, List<InjectedPod> pods, Set<String> bare) {
    String name = service.getMetadata().getName();
    if (ServiceReader.selector(service).isEmpty()) {
      return missing(
          Reason.SERVICE_NOT_FOUND,
          "Service "
              + name
              + " has no selector, so no sidecar can stand before it: name a Service that selects"
              + " pods");
    }
    List<ServicePort> ports = service.getSpec().getPorts();
    Optional<Resolution> wrongPort = port(terms, name, ports);
    if (wrongPort.isPresent()) {
      return wrongPort.get();
    }
    Optional<Resolution> mismatch = protocols(terms, name, ports);
    if (mismatch.isPresent()) {
      return mismatch.get();
    }
    Set<String> guards = new HashSet<>();
    boolean selected = false;
    for (InjectedPod pod : pods) {
      selected |= ServiceReader.selects(service, pod);
      if (ServiceReader.guarded(service, pod).isPresent()) {
        guards.add(pod.uid());
      }
    }
    if (guards.isEmpty()) {
      return selected
          ? missing(
              Reason.PORT_NOT_FOUND,
              "no container of the pods behind Service "
                  + name
                  + " declares its targetPort: declare it as containerPort, so that the sidecar"
                  + " guards it")
          : missing(
              Reason.TARGET_UNGUARDED,
              "no injected pod is behind Service "
                  + name
                  + ": annotate its pods with writ.dev/inject: enabled");
    }
    return new Resolution.Resolved(guards, bare);
  }

  /**
   * A contract names a service, not a port, so a port can be meant only where there is no other.
   */
  private static Optional<Resolution> port(Terms terms, String service, List<ServicePort> ports) {
    String wanted = terms.port();
    if (wanted == null) {
      return Optional.empty();
    }
    if (ports.stream().noneMatch(port -> wanted.equals(port.getName()))) {
      return Optional.of(
          missing(
              Reason.PORT_NOT_FOUND,
              "Service "
                  + service
                  + " has no port named "
                  + wanted
                  + ": correct spec.targetRef.port"));
    }
    return ports.size() == 1
        ? Optional.empty()
        : Optional.of(
            missing(
                Reason.NOT_SUPPORTED,
                "one of several ports can't be granted alone in this version: name a Service that"
                    + " has no port but "
                    + wanted));
  }

  /** A rule of a protocol that no port speaks would deny silently. */
  private static Optional<Resolution> protocols(
      Terms terms, String service, List<ServicePort> ports) {
    List<String> spoken = ports.stream().map(ServiceReader::protocol).distinct().toList();
    for (String protocol : terms.protocols()) {
      if (!spoken.contains(protocol)) {
        String declared =
            switch (protocol) {
              case "mcp" -> "appProtocol: writ.dev/mcp";
              case "a2a" -> "appProtocol: writ.dev/a2a";
              case "grpc" -> "appProtocol: kubernetes.io/h2c";
              default -> "no appProtocol";
            };
        return Optional.of(
            missing(
                Reason.PROTOCOL_MISMATCH,
                "Service "
                    + service
                    + " has no port that is read as "
                    + protocol
                    + ", and a rule is "
                    + protocol
                    + ": write "
                    + declared
                    + " at its port, or correct the rule"));
      }
    }
    return Optional.empty();
  }

  private static Resolution missing(Reason reason, String message) {
    return new Resolution.Unresolved(reason, message);
  }
}
