package dev.writ.cli.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container as a local process: its command and environment with the pod's own addresses, and
 * with paths of mounted volumes replaced by the folders that stand for them.
 *
 * @param name of the container
 * @param command program and arguments
 * @param environment all of it; nothing is inherited
 */
record ContainerPlan(String name, List<String> command, Map<String, String> environment) {
  private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_]*)\\)");

  /** In a command of an image: the folder that stands for /tmp. */
  static final String TEMPORARY = "{tmp}";

  ContainerPlan {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * Translates one container.
   *
   * @param image what the container's image runs
   * @param volumes folder of each volume of the pod
   * @throws IOException when the container asks for something that this kubelet does not have
   */
  static ContainerPlan of(
      Pod pod,
      Container container,
      PodAddress address,
      List<String> image,
      Map<String, Path> volumes)
      throws IOException {
    if (container.getCommand() != null && !container.getCommand().isEmpty()) {
      throw new IOException(container.getName() + ": command is not supported here, only args");
    }
    Map<String, String> environment = new LinkedHashMap<>();
    for (EnvVar variable : container.getEnv()) {
      String value = expand(value(pod, variable, address), environment);
      environment.put(variable.getName(), value);
    }
    environment.replaceAll((_, value) -> mounted(address.localize(value), container, volumes));
    List<String> command = new ArrayList<>();
    for (String part : image) {
      command.add(part.replace(TEMPORARY, mounted("/tmp", container, volumes)));
    }
    for (String argument : container.getArgs()) {
      command.add(mounted(address.localize(expand(argument, environment)), container, volumes));
    }
    return new ContainerPlan(container.getName(), command, environment);
  }

  private static String value(Pod pod, EnvVar variable, PodAddress address) throws IOException {
    if (variable.getValueFrom() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    String field =
        variable.getValueFrom().getFieldRef() == null
            ? "(no fieldRef)"
            : variable.getValueFrom().getFieldRef().getFieldPath();
    return switch (field) {
      case "metadata.name" -> pod.getMetadata().getName();
      case "metadata.namespace" -> pod.getMetadata().getNamespace();
      case "metadata.uid" -> pod.getMetadata().getUid();
      case "spec.serviceAccountName" -> ServiceAccountTokens.accountOf(pod);
      case "status.podIP" -> address.outer();
      default ->
          throw new IOException(
              variable.getName() + ": valueFrom " + field + " is not supported here");
    };
  }

  /**
   * {@code $(NAME)} of an earlier variable, as Kubernetes expands it; unknown names stay as they
   * are.
   */
  private static String expand(String value, Map<String, String> earlier) {
    return REFERENCE
        .matcher(value)
        .replaceAll(
            match -> Matcher.quoteReplacement(earlier.getOrDefault(match.group(1), match.group())));
  }

  private static String mounted(String value, Container container, Map<String, Path> volumes) {
    List<VolumeMount> mounts = new ArrayList<>(container.getVolumeMounts());
    mounts.sort(
        Comparator.comparingInt((VolumeMount mount) -> mount.getMountPath().length()).reversed());
    for (VolumeMount mount : mounts) {
      String path = mount.getMountPath();
      Path folder = volumes.get(mount.getName());
      if (folder != null && (value.equals(path) || value.startsWith(path + "/"))) {
        return folder + value.substring(path.length());
      }
    }
    return value;
  }
}
