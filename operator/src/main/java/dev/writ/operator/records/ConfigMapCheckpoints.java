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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log is bound to, in one ConfigMap, changed by compare-and-swap on its resourceVersion.
 * Used by one thread at a time. (audit.md, Log)
 */
public final class ConfigMapCheckpoints implements CheckpointStore {
  /** Name of the ConfigMap, in the operator's namespace. */
  public static final String NAME = "writ-checkpoint";

  /**
   * Annotation by which an administrator says that the log goes on from its public checkpoint,
   * {@code <size>:<root>}, although this map says less. Gone with the next change.
   */
  public static final String ACCEPT = "writ.dev/accept-checkpoint";

  private static final String SIZE = "size";
  private static final String ROOT = "root";
  private static final String STAGE = "stage";

  private static final Logger LOG = LoggerFactory.getLogger(ConfigMapCheckpoints.class);

  private final KubernetesClient client;
  private final String namespace;

  /** As last seen: a swap needs the version that belongs to what is expected. */
  private @Nullable Seen seen;

  /** What was said last to be more than this store has: said once, however often it is tried. */
  private String complained = "";

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
              : new Seen(committed(map), map.getMetadata().getResourceVersion());
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

  @Override
  public boolean accepts(long size, Hash root) throws IOException {
    String wanted = size + ":" + root.toBase64();
    try {
      ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
      Map<String, String> said = map == null ? null : map.getMetadata().getAnnotations();
      boolean accepts = said != null && wanted.equals(said.get(ACCEPT));
      if (!accepts && !wanted.equals(complained)) {
        complained = wanted;
        LOG.atError()
            .addKeyValue("public", wanted)
            .addKeyValue("accept", command(map == null, wanted))
            .log("the log has more than the cluster knows of: was etcd restored from a backup?");
      }
      return accepts;
    } catch (KubernetesClientException e) {
      throw new IOException("couldn't read ConfigMap " + NAME + ": " + e.getMessage(), e);
    }
  }

  private String command(boolean missing, String wanted) {
    String kubectl = "kubectl -n " + namespace;
    String annotate = kubectl + " annotate --overwrite configmap " + NAME + " ";
    return (missing ? kubectl + " create configmap " + NAME + " && " : "")
        + annotate
        + ACCEPT
        + "="
        + wanted;
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

  /** A map without data was made by an administrator, to carry the annotation. */
  private static @Nullable Committed committed(ConfigMap map) throws IOException {
    Map<String, String> data = map.getData();
    return data == null || data.isEmpty() ? null : parse(data);
  }

  private static Committed parse(Map<String, String> data) throws IOException {
    String size = data.get(SIZE);
    String root = data.get(ROOT);
    String stage = data.get(STAGE);
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
