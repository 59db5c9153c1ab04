package dev.writ.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiServerIT {
  private final ServiceAccountTokens tokens =
      new ServiceAccountTokens(() -> Instant.parse("2026-11-23T10:00:00Z"));
  private ApiServer server;

  @BeforeEach
  void start() throws IOException {
    server = ApiServer.start(Loopback.free(), tokens);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void itAnswersForTheTokensOfItsPods() {
    // Given
    Pod pod =
        server
            .client()
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace("plan")
                    .withName("planner-1")
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build())
            .create();
    String token = tokens.mint(pod, "writ.dev", Duration.ofHours(1));
    // When
    TokenReview review =
        server
            .client()
            .resource(
                new TokenReviewBuilder()
                    .withNewSpec()
                    .withToken(token)
                    .withAudiences("writ.dev")
                    .endSpec()
                    .build())
            .create();
    // Then
    assertThat(review.getStatus().getAuthenticated()).isTrue();
    assertThat(review.getStatus().getUser().getExtra().get("authentication.kubernetes.io/pod-uid"))
        .containsExactly(pod.getMetadata().getUid());
  }

  @Test
  void aChangedSpecIsANewGenerationAndAStatusIsNot() {
    // Given
    var capabilities =
        server
            .client()
            .genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability")
            .inNamespace("bank");
    capabilities
        .resource(
            Serialization.unmarshal(
                """
                {"apiVersion":"writ.dev/v1alpha1","kind":"AgentCapability","metadata":{"name":"one","namespace":"bank"},
                 "spec":{"limits":{"calls":1}}}
                """,
                GenericKubernetesResource.class))
        .create();
    // When
    capabilities
        .withName("one")
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\":{\"calls\":{\"summary\":\"0/1\"}}}");
    capabilities
        .withName("one")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
    // Then
    GenericKubernetesResource found = capabilities.withName("one").get();
    assertThat(found.getMetadata().getGeneration()).isEqualTo(2);
    assertThat((String) found.get("status", "calls", "summary")).isEqualTo("0/1");
  }
}
