package dev.writ.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient
class WebhookBundleTest {
  private static final String PATH =
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/writ";
  private static final MutatingWebhookConfiguration PRESENT =
      new MutatingWebhookConfigurationBuilder()
          .withNewMetadata()
          .withName("writ")
          .withResourceVersion("1")
          .endMetadata()
          .addNewWebhook()
          .withName("asked.pods.writ.dev")
          .withNewClientConfig()
          .endClientConfig()
          .endWebhook()
          .build();

  KubernetesMockServer server;
  KubernetesClient client;

  private void answersPatches(int status, int times) {
    var answer = server.expect().patch().withPath(PATH);
    if (status == 200) {
      answer.andReturn(status, PRESENT).times(times);
    } else {
      answer.andReturn(status, new StatusBuilder().withCode(status).build()).times(times);
    }
  }

  @Test
  void aReplicaThatWroteAtTheSameTimeIsNoReasonToEnd() throws InterruptedException {
    // Given
    server.expect().get().withPath(PATH).andReturn(200, PRESENT).always();
    answersPatches(409, 2);
    answersPatches(200, 1);
    // When
    new WebhookBundle(client).publish("authorities");
    // Then
    assertThat(server.getLastRequest().getMethod()).isEqualTo("PATCH");
  }

  @Test
  void anotherRefusalIsTold() {
    // Given
    server.expect().get().withPath(PATH).andReturn(200, PRESENT).always();
    answersPatches(403, 1);
    // When
    assertThatThrownBy(() -> new WebhookBundle(client).publish("authorities"))
        // Then
        .isInstanceOf(KubernetesClientException.class);
  }
}
