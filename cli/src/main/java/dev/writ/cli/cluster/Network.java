package dev.writ.cli.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** In place of cluster DNS: the address of the first pod behind each Service. (WRIT_HOSTS) */
final class Network {
  private final KubernetesClient client;
  private final Map<String, Map<String, String>> detours = new ConcurrentHashMap<>();

  Network(KubernetesClient client) {
    this.client = client;
  }

  /**
   * From now on pods of this account reach {@code name} ({@code service.namespace:port}) at another
   * address.
   */
  void detour(String namespace, String account, String name, String address) {
    detours
        .computeIfAbsent(namespace + "/" + account, key -> new ConcurrentHashMap<>())
        .put(name, address);
  }

  /** The value of WRIT_HOSTS for one pod: {@code name:port=host:port}, comma separated. */
  String hosts(Pod pod, Collection<RunningPod> pods) {
    Map<String, String> hosts = new TreeMap<>();
    for (Service service : client.services().inAnyNamespace().list().getItems()) {
      String namespace = service.getMetadata().getNamespace();
      Map<String, String> selector = service.getSpec().getSelector();
      pods.stream()
          .filter(candidate -> candidate.isSelectedBy(namespace, selector))
          .findFirst()
          .ifPresent(
              callee ->
                  service
                      .getSpec()
                      .getPorts()
                      .forEach(port -> hosts.put(name(service, port), address(callee, port))));
    }
    String account = pod.getMetadata().getNamespace() + "/" + ServiceAccountTokens.accountOf(pod);
    hosts.putAll(detours.getOrDefault(account, Map.of()));
    return hosts.entrySet().stream()
        .map(host -> host.getKey() + "=" + host.getValue())
        .collect(Collectors.joining(","));
  }

  private static String name(Service service, ServicePort port) {
    return service.getMetadata().getName()
        + "."
        + service.getMetadata().getNamespace()
        + ":"
        + port.getPort();
  }

  /** Target ports of the examples are numbers; a Service without one means its own port. */
  private static String address(RunningPod callee, ServicePort port) {
    Integer target = port.getTargetPort() == null ? null : port.getTargetPort().getIntVal();
    return callee.address().outer() + ":" + (target == null ? port.getPort() : target);
  }
}
