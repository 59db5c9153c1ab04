package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class FarewellTest {
  KubernetesMockServer server;
  KubernetesClient client;

  @BeforeEach
  void setUp() {
    server.expectCustomResource(
        CustomResourceDefinitionContext.fromCustomResourceType(AgentCapability.class));
  }

  private void create(String namespace, String... finalizers) {
    AgentCapability capability = new AgentCapability();
    capability.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName("one")
            .withFinalizers(finalizers)
            .build());
    client.resource(capability).create();
  }

  private List<String> finalizers(String namespace) {
    return client
        .resources(AgentCapability.class)
        .inNamespace(namespace)
        .withName("one")
        .get()
        .getMetadata()
        .getFinalizers();
  }

  @Test
  void everyCapabilityLosesTheOperatorsFinalizerAndNoOther() {
    // Given
    create("bank", "writ.dev/revoke", "example.com/other");
    create("plan", "example.com/other");
    create("data", "writ.dev/revoke");
    // When
    new Farewell(client).say();
    // Then
    assertThat(finalizers("bank")).containsExactly("example.com/other");
    assertThat(finalizers("plan")).containsExactly("example.com/other");
    assertThat(finalizers("data")).isEmpty();
  }
}
