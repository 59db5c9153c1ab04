package dev.writ.cli.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option by which a command is told where the object that it is about is. */
public final class ObjectNamespace {
  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Default: the namespace of the current context.")
  private @Nullable String given;

  /** As given, else that of the client's context, else {@code default}. */
  public String in(KubernetesClient client) {
    String current = client.getNamespace();
    return given != null ? given : current == null ? "default" : current;
  }
}
