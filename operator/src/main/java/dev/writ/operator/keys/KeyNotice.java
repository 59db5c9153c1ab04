package dev.writ.operator.keys;

import dev.writ.contract.Names;
import dev.writ.contract.json.JsonWriter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What anybody may know of the keys, as a ConfigMap; and the place where {@code writ trust rotate}
 * and {@code writ revoke key} ask, by annotation: the right to write here rotates and removes keys,
 * it never gives a key away nor brings one in. (docs/keys.md)
 */
public final class KeyNotice {
  private final KubernetesClient client;
  private final String namespace;

  /** Needs the right to get, create and update that one ConfigMap. */
  public KeyNotice(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** What was asked here. */
  KeyRequests requests() {
    ConfigMap map = read();
    return map == null ? KeyRequests.NONE : KeyRequests.of(map.getMetadata().getAnnotations());
  }

  /**
   * Says how the ring is, and takes down the requests that were answered; one that came meanwhile
   * stays.
   */
  void publish(Keyring ring, KeyRequests answered) {
    Map<String, String> wanted = Map.of(Names.ISSUER_KEYS_ENTRY, print(ring));
    ConfigMap present = read();
    if (present == null) {
      client.resource(map(wanted)).create();
      return;
    }
    boolean asked =
        !answered.none() && answered.equals(KeyRequests.of(present.getMetadata().getAnnotations()));
    if (!asked && wanted.equals(present.getData())) {
      return;
    }
    ConfigMapBuilder next = new ConfigMapBuilder(present).withData(wanted);
    if (asked) {
      next.editMetadata()
          .removeFromAnnotations(KeyRequests.REVOKE)
          .removeFromAnnotations(KeyRequests.ROTATE)
          .endMetadata();
    }
    client.resource(next.build()).update();
  }

  private @Nullable ConfigMap read() {
    return client.configMaps().inNamespace(namespace).withName(Names.ISSUER_KEYS_MAP).get();
  }

  private ConfigMap map(Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(Names.ISSUER_KEYS_MAP)
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .endMetadata()
        .withData(data)
        .build();
  }

  static String print(Keyring ring) {
    JsonWriter json = new JsonWriter().beginObject().name("keys").beginArray();
    for (IssuerKey key : ring.keys()) {
      json.beginObject().member("kid", key.kid()).member("state", key.state().word());
      json.member("since", key.since());
      if (key.until() > 0) {
        json.member("lastContractEnds", key.until());
      }
      json.endObject();
    }
    return json.endArray().endObject().toString();
  }
}
