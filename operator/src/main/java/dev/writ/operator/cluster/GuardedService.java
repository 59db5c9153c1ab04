package dev.writ.operator.cluster;

import java.util.List;

/**
 * A Service that leads to a pod, with the ports of that pod behind it.
 *
 * @param ports at least one
 */
public record GuardedService(String namespace, String name, List<Port> ports) {
  /** Copies. */
  public GuardedService {
    ports = List.copyOf(ports);
  }

  /**
   * One port.
   *
   * @param serviceName of the port in the Service, empty when it has none
   * @param containerPort number at the pod
   * @param protocol how requests are read: {@code http}, {@code mcp}, {@code a2a}, {@code grpc}
   */
  public record Port(String serviceName, int containerPort, String protocol) {}
}
