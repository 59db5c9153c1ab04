package dev.writ.operator.cluster;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Tells the API server which authorities the webhook's certificate chains to. */
public final class WebhookBundle {
  /** Name of the configuration; the chart makes it, the operator only fills in the bundle. */
  public static final String NAME = "writ";

  /** Other replicas write the same at the same time; each that wins is one try lost here. */
  private static final int TRIES = 10;

  private final KubernetesClient client;

  /** Needs the right to patch that one configuration. */
  public WebhookBundle(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Writes the bundle into every webhook of the configuration, if there is one and it says
   * something else.
   *
   * @param authorities PEM
   * @throws KubernetesClientException if the API server can be neither read nor written
   */
  public void publish(String authorities) {
    String bundle =
        Base64.getEncoder().encodeToString(authorities.getBytes(StandardCharsets.UTF_8));
    for (int tried = 1; true; tried++) {
      try {
        write(bundle);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || tried == TRIES) {
          throw e;
        }
      }
    }
  }

  private void write(String bundle) {
    var resource =
        client.admissionRegistration().v1().mutatingWebhookConfigurations().withName(NAME);
    MutatingWebhookConfiguration present = resource.get();
    if (present == null
        || present.getWebhooks().stream().allMatch(webhook -> has(webhook, bundle))) {
      return;
    }
    resource.edit(
        configuration -> {
          configuration
              .getWebhooks()
              .forEach(webhook -> webhook.getClientConfig().setCaBundle(bundle));
          return configuration;
        });
  }

  private static boolean has(MutatingWebhook webhook, String bundle) {
    return bundle.equals(webhook.getClientConfig().getCaBundle());
  }
}
