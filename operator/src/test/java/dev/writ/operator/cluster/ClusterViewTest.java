package dev.writ.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
  @Test
  void aSliceOfAServiceWithoutPodsHasNoEndpoints() {
    // Given what the API server writes of it
    EndpointSlice slice =
        Serialization.unmarshal(
            """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
             "metadata":{"name":"ledger-1"},"endpoints":null,"ports":null}
            """,
            EndpointSlice.class);
    // When
    var endpoints = ClusterView.endpoints(slice);
    // Then
    assertThat(endpoints).isEmpty();
  }
}
