package dev.writ.operator.cluster;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The Secrets of the operator's namespace, by name. Values are text; neither they nor their length
 * are ever logged.
 */
public final class SecretStore {
  private final KubernetesClient client;
  private final String namespace;

  /** Only Secrets of the given namespace are touched. */
  public SecretStore(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * The Secret's values, or those of the supplier after they were stored. Create-only: when two
   * operators start at once one of them wins and both go on with the winner's values.
   *
   * @throws KubernetesClientException if the API server can be neither read nor written
   */
  public Map<String, String> loadOrCreate(String name, Supplier<Map<String, String>> first) {
    Optional<Map<String, String>> stored = load(name);
    if (stored.isPresent()) {
      return stored.get();
    }
    Map<String, String> values = first.get();
    try {
      client.resource(secret(name, values)).create();
      return values;
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return load(name).orElseThrow(() -> e);
    }
  }

  /** The Secret's values; empty if there is no such Secret. */
  public Optional<Map<String, String>> load(String name) {
    Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
    return secret == null ? Optional.empty() : Optional.of(values(secret));
  }

  private static Map<String, String> values(Secret secret) {
    Map<String, String> values = new LinkedHashMap<>();
    if (secret.getData() != null) {
      secret
          .getData()
          .forEach(
              (key, value) ->
                  values.put(
                      key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    }
    return values;
  }

  /** Overwrites the Secret's values whatever they were: for what can be made anew at any time. */
  public void replace(String name, Map<String, String> values) {
    Secret secret = secret(name, values);
    if (client.secrets().inNamespace(namespace).withName(name).get() == null) {
      client.resource(secret).create();
    } else {
      client
          .secrets()
          .inNamespace(namespace)
          .withName(name)
          .edit(old -> new SecretBuilder(old).withData(secret.getData()).build());
    }
  }

  /**
   * Puts values in place of those expected, if nobody changed the Secret meanwhile.
   *
   * @return false when somebody did; then nothing changed
   */
  public boolean swap(String name, Map<String, String> expected, Map<String, String> values) {
    Secret present = client.secrets().inNamespace(namespace).withName(name).get();
    if (present == null || !expected.equals(values(present))) {
      return false;
    }
    try {
      Secret next = new SecretBuilder(present).withData(secret(name, values).getData()).build();
      client.resource(next).update();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw e;
    }
  }

  private Secret secret(String name, Map<String, String> values) {
    Map<String, String> data = new LinkedHashMap<>();
    values.forEach(
        (key, value) ->
            data.put(
                key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .endMetadata()
        .withType("Opaque")
        .withData(data)
        .build();
  }
}
