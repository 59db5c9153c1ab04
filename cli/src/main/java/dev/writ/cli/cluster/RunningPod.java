package dev.writ.cli.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pod whose containers run as processes, or are about to. */
public final class RunningPod {
  private final Pod pod;
  private final PodAddress address;
  private final Map<String, Path> folders;
  private volatile @Nullable LocalProcess sidecar;
  private volatile @Nullable LocalProcess app;

  RunningPod(Pod pod, PodAddress address, Map<String, Path> folders) {
    this.pod = pod;
    this.address = address;
    this.folders = folders;
  }

  Pod pod() {
    return pod;
  }

  /** {@code namespace/name}. */
  public String id() {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  public String uid() {
    return pod.getMetadata().getUid();
  }

  public PodAddress address() {
    return address;
  }

  /** The folders of its volumes, by their names. */
  Map<String, Path> folders() {
    return folders;
  }

  /** The sidecar; absent until it was started. */
  public @Nullable LocalProcess sidecar() {
    return sidecar;
  }

  void sidecar(LocalProcess started) {
    sidecar = started;
  }

  /** The agent. */
  public LocalProcess app() {
    LocalProcess started = app;
    if (started == null) {
      throw new IllegalStateException(id() + ": the agent was not started yet");
    }
    return started;
  }

  boolean hasApp() {
    return app != null;
  }

  void app(LocalProcess started) {
    app = started;
  }

  boolean isSelectedBy(String namespace, @Nullable Map<String, String> selector) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return namespace.equals(pod.getMetadata().getNamespace())
        && selector != null
        && !selector.isEmpty()
        && labels != null
        && labels.entrySet().containsAll(selector.entrySet());
  }
}
