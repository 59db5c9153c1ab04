package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.Kubeconfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** A client for the cluster of KUBECONFIG, that gives up instead of trying for minutes. */
final class Connection {
  private Connection() {}

  static KubernetesClient open(Surroundings surroundings) throws CommandException {
    return new KubernetesClientBuilder().withConfig(Kubeconfig.read(surroundings, null)).build();
  }

  /** What the API server said, else the innermost message: the client's own names the request. */
  static String why(Throwable failure) {
    if (failure instanceof KubernetesClientException answer
        && answer.getStatus() != null
        && answer.getStatus().getMessage() != null) {
      return answer.getStatus().getMessage();
    }
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
