package dev.writ.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/** A client of the cluster for what would take kubectl too many processes. */
final class Clients {
  /** Longer than the API server waits for any webhook: it is to say itself what went wrong. */
  private static final int PATIENCE_MILLIS = 60_000;

  private Clients() {}

  /**
   * One that asks once: by itself this library makes a request again that the API server answered
   * with a 500, which is what it says when a webhook failed.
   */
  static KubernetesClient client() {
    Config config = Config.autoConfigure(null);
    if (config.getClientKeyData() != null || config.getClientKeyFile() != null) {
      // Test clusters have EC keys, which the client takes for RSA by their PEM header.
      config.setClientKeyAlgo("EC");
    }
    config.setRequestRetryBackoffLimit(0);
    config.setRequestTimeout(PATIENCE_MILLIS);
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
