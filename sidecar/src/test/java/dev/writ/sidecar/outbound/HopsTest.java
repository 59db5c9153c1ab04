package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HopsTest {
  private static MultiMap fields(String... pairs) {
    MultiMap map = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < pairs.length; i += 2) {
      map.add(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  @Test
  void whatBelongsToTheConnectionEndsHere() {
    // Given
    MultiMap from =
        fields(
            "Connection",
            "keep-alive, X-Private",
            "X-Private",
            "1",
            "Proxy-Authorization",
            "x",
            "TE",
            "trailers",
            "Expect",
            "100-continue",
            "Host",
            "a",
            "Content-Length",
            "3",
            "traceparent",
            "00-1",
            "Content-Type",
            "text/plain",
            "X-Two",
            "1",
            "X-Two",
            "2");
    MultiMap to = fields();

    // When
    Hops.copyRequest(from, to, false);

    // Then
    assertThat(to.entries())
        .extracting(Map.Entry::getKey)
        .containsExactly("traceparent", "Content-Type", "X-Two", "X-Two");
  }

  @Test
  void underAContractTheAppSetsNoCapability() {
    // Given
    MultiMap from =
        fields(
            "capability-subject",
            "admin",
            "Capability-Context",
            "x",
            "Content-Digest",
            "sha-256=:x:",
            "Accept",
            "*/*");
    MultiMap guarded = fields();
    MultiMap untouched = fields();

    // When
    Hops.copyRequest(from, guarded, true);
    Hops.copyRequest(from, untouched, false);

    // Then
    assertThat(guarded.names()).containsExactly("Accept");
    assertThat(untouched.names())
        .containsExactlyInAnyOrder("capability-subject", "Content-Digest", "Accept");
  }

  @Test
  void aProofOfTheAppsOwnIsFound() {
    assertThat(Hops.proofField(fields("Accept", "*/*", "SIGNATURE", "x=:y:")))
        .isEqualTo("SIGNATURE");
    assertThat(Hops.proofField(fields("capability-contract", "x")))
        .isEqualTo("capability-contract");
    assertThat(Hops.proofField(fields("Capability-Subject", "x"))).isEmpty();
  }

  @Test
  void aChallengeStaysWithTheHelper() {
    // Given
    MultiMap from =
        fields("Capability-Nonce", "x", "Capability-Receipt", "b.1", "Keep-Alive", "timeout=5");
    MultiMap to = fields();

    // When
    Hops.copyReply(from, to, true);

    // Then
    assertThat(to.names()).containsExactly("Capability-Receipt");
  }
}
