package dev.writ.operator.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.v1alpha1.CallLedger;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class CallLedgerStoreTest {
  KubernetesMockServer server;
  KubernetesClient client;

  @Test
  void everyChangeIsACompareAndSwap() throws Exception {
    // Given
    server.expectCustomResource(
        CustomResourceDefinitionContext.fromCustomResourceType(CallLedger.class));
    // The mock answers a failed test with 500, which the client would repeat for two minutes; an
    // API server answers 422.
    var once = new ConfigBuilder(client.getConfiguration()).withRequestRetryBackoffLimit(0).build();
    // When, Then
    try (KubernetesClient impatient = new KubernetesClientBuilder().withConfig(once).build()) {
      StoreScenario.play(
          new CallLedgerStore(impatient),
          "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11",
          new Place("bank", "billing-may-transfer"));
    }
  }

  @Test
  void aMemberThatIsNotKnownIsRefused() throws Exception {
    // Given
    JsonWriter json = new JsonWriter();
    LedgerJson.write(json, StoreScenario.STATE);
    String text = json.toString();
    // When, Then
    assertThat(LedgerJson.read(StrictJson.body(text.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(StoreScenario.STATE);
    for (String known : new String[] {"\"previous\"", "\"boot\"", "\"leader\"", "\"path\""}) {
      byte[] more =
          text.replaceFirst(known, "\"later\":1," + known).getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> LedgerJson.read(StrictJson.body(more)))
          .hasMessageContaining("unknown member");
    }
  }
}
