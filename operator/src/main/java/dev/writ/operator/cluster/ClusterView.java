package dev.writ.operator.cluster;

import dev.writ.contract.SpiffeId;
import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.inject.PodMutator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Informers over what capabilities name and over injected pods; every look-up is answered from
 * memory. Thread-safe.
 */
public final class ClusterView implements AutoCloseable {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private final KubernetesClient client;
  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<Service> services;
  private final SharedIndexInformer<ServiceAccount> accounts;
  private final SharedIndexInformer<EndpointSlice> slices;

  /** Something that decisions rest on appeared, changed or went. */
  public sealed interface Change {
    /** A pod with our label. */
    record OfPod(InjectedPod pod, boolean gone) implements Change {}

    /** A Service, or what is behind it. */
    record OfService(String namespace, String name) implements Change {}

    /** A service account. */
    record OfAccount(String namespace, String name) implements Change {}
  }

  /**
   * Starts watching and returns when all of it was read once. The listener is called on watch
   * threads and must not block.
   */
  public ClusterView(KubernetesClient client, Consumer<Change> listener) {
    this.client = client;
    pods =
        client
            .pods()
            .inAnyNamespace()
            .withLabel(PodMutator.INJECTED_LABEL, PodMutator.INJECTED)
            .inform(
                new Handler<>(
                    (pod, gone) -> listener.accept(new Change.OfPod(PodReader.read(pod), gone))));
    services =
        client
            .services()
            .inAnyNamespace()
            .inform(
                new Handler<>(
                    (service, gone) ->
                        listener.accept(
                            new Change.OfService(
                                service.getMetadata().getNamespace(),
                                service.getMetadata().getName()))));
    accounts =
        client
            .serviceAccounts()
            .inAnyNamespace()
            .inform(
                new Handler<>(
                    (account, gone) ->
                        listener.accept(
                            new Change.OfAccount(
                                account.getMetadata().getNamespace(),
                                account.getMetadata().getName()))));
    slices =
        client
            .discovery()
            .v1()
            .endpointSlices()
            .inAnyNamespace()
            .withLabel(SERVICE_NAME)
            .inform(
                new Handler<>(
                    (slice, gone) ->
                        listener.accept(
                            new Change.OfService(
                                slice.getMetadata().getNamespace(),
                                slice.getMetadata().getLabels().getOrDefault(SERVICE_NAME, "")))));
  }

  /**
   * The pod of that name, read from the API server when memory has not seen this UID yet: a sidecar
   * may be faster than our watch.
   */
  public Optional<InjectedPod> pod(String namespace, String name, String uid) {
    Pod known = pods.getStore().getByKey(Cache.namespaceKeyFunc(namespace, name));
    if (known == null || !uid.equals(known.getMetadata().getUid())) {
      known = client.pods().inNamespace(namespace).withName(name).get();
    }
    return Optional.ofNullable(known).map(PodReader::read).filter(pod -> pod.uid().equals(uid));
  }

  /** Injected pods that run as the workload and can call. */
  public List<InjectedPod> podsOf(SpiffeId workload) {
    return livePods(workload.namespace()).stream()
        .filter(pod -> pod.serviceAccount().equals(workload.name()))
        .toList();
  }

  /** Services that lead to the pod, in the order of their names. */
  public List<GuardedService> guardedBy(InjectedPod pod) {
    return services.getIndexer().byIndex(Cache.NAMESPACE_INDEX, pod.namespace()).stream()
        .sorted(Comparator.comparing(service -> service.getMetadata().getName()))
        .flatMap(service -> ServiceReader.guarded(service, pod).stream())
        .toList();
  }

  /** Injected pods of a namespace that can call and be called. */
  public List<InjectedPod> podsIn(String namespace) {
    return livePods(namespace);
  }

  /** Pods with our label that somebody revoked. */
  public List<InjectedPod> revokedPods() {
    return pods.getStore().list().stream()
        .map(PodReader::read)
        .filter(InjectedPod::revoked)
        .toList();
  }

  /** All namespaces with injected pods. */
  public Set<String> namespaces() {
    Set<String> namespaces = new HashSet<>();
    pods.getStore().list().forEach(pod -> namespaces.add(pod.getMetadata().getNamespace()));
    return namespaces;
  }

  /** Looks up everything that the terms name. */
  public Resolution resolve(Terms terms) {
    if (terms.outside() == null && !exists(terms.source())) {
      return missing(terms.source(), "spec.source");
    }
    for (SpiffeId receiver : terms.delegation().to()) {
      if (!exists(receiver)) {
        return missing(receiver, "spec.delegation.to");
      }
    }
    SpiffeId target = terms.target();
    Service service =
        services.getStore().getByKey(Cache.namespaceKeyFunc(target.namespace(), target.name()));
    if (service == null) {
      return new Resolution.Unresolved(
          Reason.SERVICE_NOT_FOUND,
          "Service "
              + target.name()
              + " does not exist in namespace "
              + target.namespace()
              + ": create it, or correct spec.targetRef");
    }
    return TargetCheck.of(terms, service, livePods(target.namespace()), bare(target));
  }

  private boolean exists(SpiffeId account) {
    String key = Cache.namespaceKeyFunc(account.namespace(), account.name());
    return accounts.getStore().getByKey(key) != null;
  }

  private static Resolution missing(SpiffeId account, String field) {
    return new Resolution.Unresolved(
        Reason.SERVICE_ACCOUNT_NOT_FOUND,
        "ServiceAccount "
            + account.name()
            + " does not exist in namespace "
            + account.namespace()
            + ": create it, or correct "
            + field);
  }

  /** Whether all watches are alive. */
  public boolean healthy() {
    return Stream.of(pods, services, accounts, slices).allMatch(SharedIndexInformer::isWatching);
  }

  /**
   * Endpoints tell of every pod behind a Service; those that we don't know by our label have no
   * sidecar.
   */
  private Set<String> bare(SpiffeId target) {
    Set<String> injected = new HashSet<>();
    for (Pod pod : pods.getIndexer().byIndex(Cache.NAMESPACE_INDEX, target.namespace())) {
      if (PodReader.hasSidecar(pod)) {
        injected.add(pod.getMetadata().getUid());
      }
    }
    Set<String> bare = new HashSet<>();
    for (EndpointSlice slice :
        slices.getIndexer().byIndex(Cache.NAMESPACE_INDEX, target.namespace())) {
      if (target.name().equals(slice.getMetadata().getLabels().getOrDefault(SERVICE_NAME, ""))) {
        endpoints(slice)
            .filter(endpoint -> bare(endpoint, injected))
            .forEach(endpoint -> bare.add(endpoint.getTargetRef().getName()));
      }
    }
    return bare;
  }

  /** A Service without a pod has a slice whose endpoints are null, and not an empty list. */
  static Stream<Endpoint> endpoints(EndpointSlice slice) {
    return Stream.ofNullable(slice.getEndpoints()).flatMap(List::stream);
  }

  private static boolean bare(Endpoint endpoint, Set<String> injected) {
    boolean ending =
        endpoint.getConditions() != null
            && Boolean.TRUE.equals(endpoint.getConditions().getTerminating());
    return !ending
        && endpoint.getTargetRef() != null
        && "Pod".equals(endpoint.getTargetRef().getKind())
        && !injected.contains(endpoint.getTargetRef().getUid());
  }

  private List<InjectedPod> livePods(String namespace) {
    return pods.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace).stream()
        .map(PodReader::read)
        .filter(InjectedPod::live)
        .toList();
  }

  @Override
  public void close() {
    List.of(pods, services, accounts, slices).forEach(SharedIndexInformer::close);
  }

  private interface Seen<T> {
    void accept(T resource, boolean gone);
  }

  private record Handler<T extends HasMetadata>(Seen<T> seen) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T resource) {
      seen.accept(resource, false);
    }

    @Override
    public void onUpdate(T before, T after) {
      seen.accept(after, false);
    }

    @Override
    public void onDelete(T resource, boolean unknown) {
      seen.accept(resource, true);
    }
  }
}
