package dev.writ.operator.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import dev.writ.operator.cluster.SecretStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.Map;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class IssuerKeysTest {
  KubernetesClient client;

  @Test
  void theKeyIsMadeOnceAndStays() throws Exception {
    // Given
    SecretStore secrets = new SecretStore(client, "writ-system");
    // When
    IssuerKeys first = IssuerKeys.open(secrets);
    // Then
    assertThat(IssuerKeys.open(secrets).trusted()).isEqualTo(first.trusted());
  }

  @Test
  void theLoserOfARaceTakesTheWinnersKey() throws Exception {
    // Given
    SecretStore winner = new SecretStore(client, "writ-system");
    String[] won = new String[1];
    // When: the winner's Secret appears between the loser's look and its create
    Map<String, String> loser =
        new SecretStore(client, "writ-system")
            .loadOrCreate(
                IssuerKeys.SECRET,
                () -> {
                  won[0] =
                      winner
                          .loadOrCreate(
                              IssuerKeys.SECRET,
                              () -> Map.of("current.jwk", PrivateKey.generate().toJwk()))
                          .get("current.jwk");
                  return Map.of("current.jwk", PrivateKey.generate().toJwk());
                });
    // Then
    assertThat(loser).containsEntry("current.jwk", won[0]);
  }

  @Test
  void otherKeysAreTrustedAndDoNotSign() throws Exception {
    // Given
    PrivateKey current = PrivateKey.generate();
    PrivateKey next = PrivateKey.generate();
    PrivateKey old = PrivateKey.generate();
    // When
    IssuerKeys keys =
        IssuerKeys.parse(
            Map.of(
                "next.jwk",
                next.toJwk(),
                "current.jwk",
                current.toJwk(),
                "old.jwk",
                old.publicKey().toJwk(),
                "note",
                "x"));
    // Then
    assertThat(keys.signer().publicKey()).isEqualTo(current.publicKey());
    assertThat(keys.trusted())
        .containsExactly(current.publicKey(), next.publicKey(), old.publicKey());
    assertThat(keys.toString()).contains(current.publicKey().thumbprint()).doesNotContain("\"d\"");
  }

  @Test
  void aBadKeyIsNamedAndNotShown() {
    String secret = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\",\"d\":\"c2VjcmV0\"}";
    assertThatThrownBy(() -> IssuerKeys.parse(Map.of("current.jwk", secret)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("writ-issuer-key")
        .hasMessageContaining("current.jwk")
        .hasMessageNotContaining("c2VjcmV0");
    assertThatThrownBy(() -> IssuerKeys.parse(Map.of()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("no entry current.jwk");
  }
}
