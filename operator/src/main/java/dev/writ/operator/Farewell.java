package dev.writ.operator;

import dev.writ.operator.reconcile.CapabilityReconciler;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the chart runs once the operator is gone for good: capabilities stay, and can be deleted
 * although nobody is there to revoke them first. Gates refuse what nobody vouches for within five
 * minutes. (crd.md, Deleting)
 */
final class Farewell {
  private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);

  private final KubernetesClient client;

  /** Needs the right to list and to patch capabilities. */
  Farewell(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Takes the operator's finalizer from every capability.
   *
   * @throws KubernetesClientException when one could not be changed; it can be tried again
   */
  void say() {
    int released = 0;
    for (AgentCapability capability :
        client.resources(AgentCapability.class).inAnyNamespace().list().getItems()) {
      if (capability.getMetadata().getFinalizers().contains(CapabilityReconciler.FINALIZER)) {
        release(capability);
        released++;
      }
    }
    LOG.atInfo().addKeyValue("capabilities", released).log("Released");
  }

  private void release(AgentCapability capability) {
    try {
      client
          .resource(capability)
          .edit(
              present -> {
                List<String> others = new ArrayList<>(present.getMetadata().getFinalizers());
                others.remove(CapabilityReconciler.FINALIZER);
                present.getMetadata().setFinalizers(others);
                return present;
              });
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
    }
  }
}
