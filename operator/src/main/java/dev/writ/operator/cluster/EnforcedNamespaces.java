package dev.writ.operator.cluster;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;

/** Namespaces whose pods all have to be injected, answered from memory. Thread-safe. */
public final class EnforcedNamespaces implements AutoCloseable {
  private final SharedIndexInformer<Namespace> informer;

  /** Starts watching and returns when all of them were read once. */
  public EnforcedNamespaces(KubernetesClient client) {
    informer =
        client
            .namespaces()
            .withLabel(Names.ENFORCEMENT, Names.ENFORCEMENT_REQUIRED)
            .runnableInformer(0)
            .run();
  }

  /** Whether every pod of the namespace has to be injected. */
  public boolean contains(String namespace) {
    return informer.getStore().getByKey(namespace) != null;
  }

  /** Whether the watch is alive. */
  public boolean healthy() {
    return informer.isWatching();
  }

  @Override
  public void close() {
    informer.close();
  }
}
