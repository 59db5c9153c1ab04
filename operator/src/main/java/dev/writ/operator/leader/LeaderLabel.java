package dev.writ.operator.leader;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/**
 * The label by which Service {@code writ-operator} finds the leader. It guides traffic and grants
 * nothing: a replica that wears it wrongly answers that it does not lead.
 */
final class LeaderLabel {
  static final String KEY = "writ.dev/leader";
  static final String VALUE = "true";
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final KubernetesClient client;
  private final String namespace;
  private final String pod;

  LeaderLabel(KubernetesClient client, String namespace, String pod) {
    this.client = client;
    this.namespace = namespace;
    this.pod = pod;
  }

  /** Takes the label from whoever has it, and puts it on this pod. */
  void take() {
    for (Pod other : client.pods().inNamespace(namespace).withLabel(KEY, VALUE).list().getItems()) {
      if (!other.getMetadata().getName().equals(pod)) {
        patch(other.getMetadata().getName(), "null");
      }
    }
    patch(pod, "\"" + VALUE + "\"");
  }

  /** Takes it from this pod, where a container that led may have left it. */
  void drop() {
    Pod own = client.pods().inNamespace(namespace).withName(pod).get();
    if (own != null
        && own.getMetadata().getLabels() != null
        && own.getMetadata().getLabels().containsKey(KEY)) {
      patch(pod, "null");
    }
  }

  private void patch(String name, String value) {
    try {
      client
          .pods()
          .inNamespace(namespace)
          .withName(name)
          .patch(MERGE, "{\"metadata\":{\"labels\":{\"" + KEY + "\":" + value + "}}}");
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND || name.equals(pod)) {
        throw e;
      }
    }
  }
}
