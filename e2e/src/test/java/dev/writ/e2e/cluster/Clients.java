package dev.writ.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/** A client of the cluster for what would take kubectl too many processes. */
final class Clients {
  private Clients() {}

  static KubernetesClient client() {
    Config config = Config.autoConfigure(null);
    if (config.getClientKeyData() != null || config.getClientKeyFile() != null) {
      // Test clusters have EC keys, which the client takes for RSA by their PEM header.
      config.setClientKeyAlgo("EC");
    }
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
