package dev.writ.cli.check;

import dev.writ.cli.CommandException;
import dev.writ.cli.Surroundings;
import dev.writ.cli.kube.Kubeconfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/** A client for the cluster of KUBECONFIG, that gives up instead of trying for minutes. */
final class Connection {
  private Connection() {}

  static KubernetesClient open(Surroundings surroundings) throws CommandException {
    return new KubernetesClientBuilder().withConfig(Kubeconfig.read(surroundings, null)).build();
  }
}
