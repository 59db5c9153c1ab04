package dev.writ.operator.records;

import dev.writ.audit.log.CheckpointStore;
import dev.writ.audit.log.Committed;
import dev.writ.audit.merkle.Hash;
import dev.writ.contract.MalformedException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the log is bound to, in one ConfigMap, changed by compare-and-swap on its resourceVersion.
 * Used by one thread at a time. (audit.md, Log)
 */
public final class ConfigMapCheckpoints implements CheckpointStore {
  /** Name of the ConfigMap, in the operator's namespace. */
  public static final String NAME = "writ-checkpoint";

  private static final String SIZE = "size";
  private static final String ROOT = "root";
  private static final String STAGE = "stage";

  private final KubernetesClient client;
  private final String namespace;

  /** As last seen: a swap needs the version that belongs to what is expected. */
  private @Nullable Seen seen;

  private record Seen(@Nullable Committed committed, @Nullable String version) {}

  /** Nothing is read before it is asked for. */
  public ConfigMapCheckpoints(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public @Nullable Committed read() throws IOException {
    return look().committed;
  }

  private Seen look() throws IOException {
    seen = null;
    try {
      ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
      Seen now =
          map == null
              ? new Seen(null, null)
              : new Seen(parse(map.getData()), map.getMetadata().getResourceVersion());
      seen = now;
      return now;
    } catch (KubernetesClientException e) {
      throw new IOException("couldn't read ConfigMap " + NAME + ": " + e.getMessage(), e);
    }
  }

  @Override
  public boolean compareAndSwap(@Nullable Committed expected, Committed next) throws IOException {
    Seen from = seen == null ? look() : seen;
    seen = null;
    if (!Objects.equals(from.committed, expected)) {
      return false;
    }
    try {
      ConfigMap map = map(next, from.version);
      ConfigMap stored =
          from.version == null ? client.resource(map).create() : client.resource(map).update();
      seen = new Seen(next, stored.getMetadata().getResourceVersion());
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT
          || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw new IOException("couldn't change ConfigMap " + NAME + ": " + e.getMessage(), e);
    }
  }

  private ConfigMap map(Committed committed, @Nullable String version) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(NAME)
        .withResourceVersion(version)
        .addToLabels("app.kubernetes.io/managed-by", "writ")
        .endMetadata()
        .addToData(SIZE, Long.toString(committed.size()))
        .addToData(ROOT, committed.root().toBase64())
        .addToData(STAGE, committed.stage())
        .build();
  }

  private static Committed parse(@Nullable Map<String, String> data) throws IOException {
    String size = data == null ? null : data.get(SIZE);
    String root = data == null ? null : data.get(ROOT);
    String stage = data == null ? null : data.get(STAGE);
    if (size == null || !size.matches("[1-9][0-9]{0,17}") || root == null || stage == null) {
      throw new IOException("couldn't read ConfigMap " + NAME + ": no size, root and stage");
    }
    try {
      return new Committed(Long.parseLong(size), Hash.fromBase64(root), stage);
    } catch (MalformedException e) {
      throw new IOException("couldn't read ConfigMap " + NAME + ": " + e.getMessage(), e);
    }
  }
}
