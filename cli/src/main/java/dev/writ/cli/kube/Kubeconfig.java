package dev.writ.cli.kube;

import dev.writ.cli.CommandException;
import dev.writ.cli.Surroundings;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How to reach the cluster of KUBECONFIG, else of ~/.kube/config, without trying for minutes. */
public final class Kubeconfig {
  private static final int TIMEOUT_MILLIS = 10_000;

  /** What every EC key has in its DER: id-ecPublicKey, or one of the curves' names. (RFC 5480) */
  private static final List<String> EC =
      List.of("06072a8648ce3d0201", "06082a8648ce3d030107", "06052b8104002");

  /** In a pod, and what the client takes a cluster's address from without a file. */
  private static final List<String> FROM_ELSEWHERE =
      List.of("KUBERNETES_SERVICE_HOST", "KUBERNETES_MASTER");

  private Kubeconfig() {}

  /**
   * Reads it.
   *
   * @param context null for the current one
   * @throws CommandException when KUBECONFIG cannot be read, has no such context, or names no
   *     cluster
   */
  public static Config read(Surroundings surroundings, @Nullable String context)
      throws CommandException {
    String named = surroundings.environment().get("KUBECONFIG");
    if (named != null && !named.isEmpty() && !isReadable(Path.of(named.split(":", 0)[0]))) {
      throw CommandException.unusable("KUBECONFIG names " + named + ", which cannot be read");
    }
    Config config = parse(named == null || named.isEmpty() ? "~/.kube/config" : named, context);
    if (context != null
        && config.getContexts().stream().noneMatch(one -> context.equals(one.getName()))) {
      String known =
          config.getContexts().stream()
              .map(NamedContext::getName)
              .collect(Collectors.joining(", "));
      throw CommandException.unusable(
          "there is no context \""
              + context
              + "\"; "
              + (known.isEmpty()
                  ? "set KUBECONFIG to a file that has it"
                  : "write one of " + known));
    }
    if (config.getCurrentContext() == null
        && FROM_ELSEWHERE.stream().noneMatch(surroundings.environment()::containsKey)) {
      throw CommandException.unusable(
          "there is no cluster to ask: set KUBECONFIG to a file whose current context is one that"
              + " it has (kubectl config use-context NAME)");
    }
    return new ConfigBuilder(config)
        .withClientKeyAlgo(isEc(config) ? "EC" : config.getClientKeyAlgo())
        .withConnectionTimeout(TIMEOUT_MILLIS)
        .withRequestTimeout(TIMEOUT_MILLIS)
        .withRequestRetryBackoffLimit(0)
        .build();
  }

  private static boolean isReadable(Path file) {
    return Files.isReadable(file) && !Files.isDirectory(file);
  }

  private static Config parse(String file, @Nullable String context) throws CommandException {
    try {
      return Config.autoConfigure(context);
    } catch (RuntimeException e) {
      throw CommandException.unusable(
          file
              + " is no kubeconfig: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** The client takes every key for an RSA key unless it is told; k3s and others make EC keys. */
  private static boolean isEc(Config config) {
    try {
      String pem = null;
      if (config.getClientKeyData() != null) {
        pem =
            new String(
                Base64.getMimeDecoder().decode(config.getClientKeyData()),
                StandardCharsets.US_ASCII);
      } else if (config.getClientKeyFile() != null) {
        pem = Files.readString(Path.of(config.getClientKeyFile()), StandardCharsets.US_ASCII);
      }
      return pem != null && isEc(pem);
    } catch (IOException | IllegalArgumentException e) {
      // The client says what is wrong with it.
      return false;
    }
  }

  static boolean isEc(String pem) {
    if (pem.contains("BEGIN EC PRIVATE KEY")) {
      return true;
    }
    if (!pem.contains("BEGIN PRIVATE KEY")) {
      return false;
    }
    String base64 =
        pem.lines().filter(line -> !line.startsWith("-----")).collect(Collectors.joining());
    String der = HexFormat.of().formatHex(Base64.getMimeDecoder().decode(base64));
    return EC.stream().anyMatch(der::contains);
  }
}
