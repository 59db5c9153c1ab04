package dev.writ.operator.cluster;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ConfigMap {@code writ-trust} in every namespace whose pods mount it: a pod can mount only
 * what lies in its own namespace. A pod that comes before it waits for it. Thread-safe.
 */
public final class TrustMaps {
  private static final Logger LOG = LoggerFactory.getLogger(TrustMaps.class);

  private final KubernetesClient client;
  private final Supplier<String> authorities;
  private final Executor background;
  private final Set<String> namespaces = ConcurrentHashMap.newKeySet();

  /**
   * The executor does the work, so that callers never wait for the API server.
   *
   * @param authorities what to trust, PEM
   */
  public TrustMaps(KubernetesClient client, Supplier<String> authorities, Executor background) {
    this.client = client;
    this.authorities = authorities;
    this.background = background;
  }

  /** Has the ConfigMap made in that namespace, if this was not asked before. */
  public void need(String namespace) {
    if (namespaces.add(namespace)) {
      background.execute(() -> publish(namespace));
    }
  }

  /**
   * Looks at all of them again: after a rotation, and because somebody may have deleted one.
   * Blocks.
   */
  public void refresh() {
    namespaces.forEach(this::publish);
  }

  private void publish(String namespace) {
    try {
      ConfigMap present =
          client.configMaps().inNamespace(namespace).withName(Names.TRUST_VOLUME).get();
      Map<String, String> wanted = Map.of(Names.TRUST_CA_KEY, authorities.get());
      if (present == null) {
        client.resource(map(namespace, wanted)).create();
      } else if (!wanted.equals(present.getData())) {
        client
            .configMaps()
            .inNamespace(namespace)
            .withName(Names.TRUST_VOLUME)
            .edit(old -> new ConfigMapBuilder(old).withData(wanted).build());
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        // The namespace is gone.
        namespaces.remove(namespace);
      } else {
        LOG.atWarn()
            .addKeyValue("namespace", namespace)
            .addKeyValue("cause", e.getMessage())
            .log("couldn't publish the CA; tried again within a minute");
      }
    }
  }

  private static ConfigMap map(String namespace, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(Names.TRUST_VOLUME)
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .endMetadata()
        .withData(data)
        .build();
  }
}
