package dev.writ.operator.records;

import dev.writ.audit.note.VerifierKey;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The verifier keys of the log where an administrator finds them: auditors should get them from
 * there, and not from the log that they verify.
 */
public final class PublishedKey {
  /** Name of the ConfigMap; entry {@code key} is what {@code writ log verify --key} takes. */
  public static final String NAME = "writ-log-key";

  private PublishedKey() {}

  /** Writes the ConfigMap if it says something else. */
  public static void publish(KubernetesClient client, String namespace, LogKeys keys) {
    Map<String, String> data =
        Map.of(
            "key", keys.current().toString(),
            "all",
                keys.trusted().stream()
                    .map(VerifierKey::toString)
                    .collect(Collectors.joining("\n")));
    ConfigMap present = client.configMaps().inNamespace(namespace).withName(NAME).get();
    if (present == null) {
      client
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName(NAME)
                  .addToLabels("app.kubernetes.io/managed-by", "writ")
                  .endMetadata()
                  .withData(data)
                  .build())
          .create();
    } else if (!data.equals(present.getData())) {
      client
          .configMaps()
          .inNamespace(namespace)
          .withName(NAME)
          .edit(old -> new ConfigMapBuilder(old).withData(data).build());
    }
  }
}
