package dev.writ.cli.cluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The volumes of a pod as folders: emptyDir, configMap, and projected tokens and config maps. */
final class Volumes {
  private static final long PATIENCE_SECONDS = 15;
  private static final long DEFAULT_SECONDS = 3600;

  private final KubernetesClient client;
  private final ServiceAccountTokens tokens;

  Volumes(KubernetesClient client, ServiceAccountTokens tokens) {
    this.client = client;
    this.tokens = tokens;
  }

  /**
   * Makes or refreshes the folders below {@code root}; what the pod wrote stays.
   *
   * @return the folder of each volume
   * @throws IOException for a kind of volume that is not known here, or a missing ConfigMap
   */
  Map<String, Path> write(Pod pod, Path root) throws IOException {
    Map<String, Path> folders = new LinkedHashMap<>();
    for (Volume volume : pod.getSpec().getVolumes()) {
      Path folder = Files.createDirectories(root.resolve(volume.getName()));
      if (volume.getConfigMap() != null) {
        writeConfigMap(
            pod, volume.getConfigMap().getName(), volume.getConfigMap().getItems(), folder);
      } else if (volume.getProjected() != null) {
        for (VolumeProjection source : volume.getProjected().getSources()) {
          writeProjection(pod, source, folder);
        }
      } else if (volume.getEmptyDir() == null) {
        throw new IOException("volume " + volume.getName() + ": this kind is not supported here");
      }
      folders.put(volume.getName(), folder);
    }
    return folders;
  }

  private void writeProjection(Pod pod, VolumeProjection source, Path folder) throws IOException {
    ServiceAccountTokenProjection token = source.getServiceAccountToken();
    if (token != null) {
      Long seconds = token.getExpirationSeconds();
      Duration lifetime = Duration.ofSeconds(seconds == null ? DEFAULT_SECONDS : seconds);
      replace(folder.resolve(token.getPath()), tokens.mint(pod, token.getAudience(), lifetime));
    } else if (source.getConfigMap() != null) {
      writeConfigMap(
          pod, source.getConfigMap().getName(), source.getConfigMap().getItems(), folder);
    } else {
      throw new IOException("a projected volume has a source that is not supported here");
    }
  }

  private void writeConfigMap(Pod pod, String name, List<KeyToPath> items, Path folder)
      throws IOException {
    String namespace = pod.getMetadata().getNamespace();
    ConfigMap map = configMap(namespace, name);
    Map<String, String> paths = new LinkedHashMap<>();
    map.getData().keySet().forEach(key -> paths.put(key, key));
    if (items != null && !items.isEmpty()) {
      paths.clear();
      items.forEach(item -> paths.put(item.getKey(), item.getPath()));
    }
    for (Map.Entry<String, String> path : paths.entrySet()) {
      String content = map.getData().get(path.getKey());
      if (content == null) {
        throw new IOException(
            "ConfigMap " + namespace + "/" + name + " has no key " + path.getKey());
      }
      replace(folder.resolve(path.getValue()), content);
    }
  }

  /** A ConfigMap that somebody is about to make is waited for, as a kubelet does. */
  private ConfigMap configMap(String namespace, String name) throws IOException {
    ConfigMap map =
        client
            .configMaps()
            .inNamespace(namespace)
            .withName(name)
            .waitUntilCondition(
                found -> found != null && found.getData() != null,
                PATIENCE_SECONDS,
                TimeUnit.SECONDS);
    if (map == null) {
      throw new IOException("ConfigMap " + namespace + "/" + name + " is missing");
    }
    return map;
  }

  /** A reader sees the old content or the new one, as with the kubelet's symbolic links. */
  private static void replace(Path file, String content) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Files.writeString(fresh, content);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
