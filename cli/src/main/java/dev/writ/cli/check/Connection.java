package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.Surroundings;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A client for the cluster of KUBECONFIG, that gives up instead of trying for minutes. */
final class Connection {
  private static final int TIMEOUT_MILLIS = 10_000;

  private Connection() {}

  static KubernetesClient open(Surroundings surroundings) throws CommandException {
    String named = surroundings.environment().get("KUBECONFIG");
    if (named != null && !named.isEmpty() && !Files.isReadable(Path.of(named.split(":", 0)[0]))) {
      throw CommandException.unusable("KUBECONFIG names " + named + ", which cannot be read");
    }
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.autoConfigure(null))
                .withConnectionTimeout(TIMEOUT_MILLIS)
                .withRequestTimeout(TIMEOUT_MILLIS)
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }

  /** The innermost message: the client's own names the request. */
  static String why(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
