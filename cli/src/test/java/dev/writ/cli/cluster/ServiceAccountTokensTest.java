package dev.writ.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServiceAccountTokensTest {
  private static final Pod POD =
      new PodBuilder()
          .withNewMetadata()
          .withNamespace("plan")
          .withName("billing-agent-1")
          .withUid("0b0e9d6a-58f4-4a13-8a0c-1d2f3a4b5c6d")
          .endMetadata()
          .withNewSpec()
          .withServiceAccountName("billing-agent")
          .endSpec()
          .build();

  private Instant now = Instant.parse("2026-11-23T10:00:00Z");
  private final ServiceAccountTokens tokens = new ServiceAccountTokens(() -> now);

  @Test
  void aTokenNamesItsPodAndAccount() {
    // Given
    String token = tokens.mint(POD, "writ.dev", Duration.ofHours(1));
    // When
    JsonNode status = review(token, "writ.dev");
    // Then
    assertThat(status.path("authenticated").asBoolean()).isTrue();
    assertThat(status.path("user").path("username").asText())
        .isEqualTo("system:serviceaccount:plan:billing-agent");
    assertThat(
            status
                .path("user")
                .path("extra")
                .path("authentication.kubernetes.io/pod-name")
                .path(0)
                .asText())
        .isEqualTo("billing-agent-1");
    assertThat(
            status
                .path("user")
                .path("extra")
                .path("authentication.kubernetes.io/pod-uid")
                .path(0)
                .asText())
        .isEqualTo("0b0e9d6a-58f4-4a13-8a0c-1d2f3a4b5c6d");
    assertThat(status.path("audiences").path(0).asText()).isEqualTo("writ.dev");
  }

  @Test
  void aTokenForAnotherAudienceIsRefused() {
    // Given
    String token = tokens.mint(POD, "vault", Duration.ofHours(1));
    // When
    JsonNode status = review(token, "writ.dev");
    // Then
    assertThat(status.path("authenticated").asBoolean()).isFalse();
    assertThat(status.has("user")).isFalse();
  }

  @Test
  void aTokenEndsWithItsLifetime() {
    // Given
    String token = tokens.mint(POD, "writ.dev", Duration.ofHours(1));
    // When
    now = now.plus(Duration.ofHours(1));
    // Then
    assertThat(review(token, "writ.dev").path("error").asText()).contains("expired");
  }

  @Test
  void aTokenThatWasChangedIsRefused() {
    // Given
    String token = tokens.mint(POD, "writ.dev", Duration.ofHours(1));
    String other = new ServiceAccountTokens(() -> now).mint(POD, "writ.dev", Duration.ofHours(1));
    String mixed =
        token.substring(0, token.lastIndexOf('.')) + other.substring(other.lastIndexOf('.'));
    // When
    JsonNode status = review(mixed, "writ.dev");
    // Then
    assertThat(status.path("authenticated").asBoolean()).isFalse();
  }

  @Test
  void whatIsNoTokenIsRefused() {
    // Given
    String[] broken = {"", "a.b", "a.b.c", "....", "e30.e30.e30"};
    for (String token : broken) {
      // When
      JsonNode status = review(token, "writ.dev");
      // Then
      assertThat(status.path("authenticated").asBoolean()).as(token).isFalse();
    }
  }

  private JsonNode review(String token, String audience) {
    return tokens
        .review("{\"spec\":{\"token\":\"" + token + "\",\"audiences\":[\"" + audience + "\"]}}")
        .path("status");
  }
}
