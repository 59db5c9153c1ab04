package dev.writ.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.operator.capability.Acceptance;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.capability.Terms;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class OutsideContractsTest {
  private static final Instant NOW = Instant.ofEpochSecond(2_000_000_000);
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";

  KubernetesClient client;
  private final PrivateKey agent = PrivateKey.generate();
  private final Set<String> revoked = new HashSet<>();
  private PrivateKey issuer = PrivateKey.generate();
  private OutsideContracts contracts;

  @BeforeEach
  void setUp() {
    contracts =
        new OutsideContracts(
            client,
            () -> issuer,
            () -> TrustBundle.of(List.of(issuer.publicKey())),
            () -> UUID.randomUUID().toString(),
            revoked::contains);
  }

  @Test
  void aContractIsRenewedWhenAThirdOfItsLifeIsLeftAndNotBefore() throws Exception {
    // Given
    keep(1, "", NOW);
    String first = stored().jti();
    // When
    keep(1, "", NOW.plusSeconds(600));
    assertThat(stored().jti()).isEqualTo(first);
    keep(1, "", NOW.plusSeconds(601));
    // Then
    assertThat(stored().jti()).isNotEqualTo(first);
    assertThat(stored().exp()).isEqualTo(NOW.getEpochSecond() + 601 + 900);
  }

  @Test
  void aCapabilityThatEndsSoonIsNotMintedAgainAndAgain() throws Exception {
    // Given
    String validity = ", validity: {notAfter: \"2033-05-18T03:34:00Z\"}";
    keep(1, validity, NOW);
    RootContract first = stored();
    assertThat(first.exp()).isEqualTo(Instant.parse("2033-05-18T03:34:00Z").getEpochSecond());
    // When
    keep(1, validity, NOW.plusSeconds(20));
    // Then
    assertThat(stored().jti()).isEqualTo(first.jti());
  }

  @Test
  void aNewGenerationARevokedContractAKeyThatIsGoneAndAHandAreMendedAtOnce() throws Exception {
    // Given
    keep(1, "", NOW);
    String jti = stored().jti();
    // When
    keep(2, "", NOW);
    // Then
    assertThat(stored().gen()).isEqualTo(2);
    assertThat(stored().jti()).isNotEqualTo(jti);
    // When
    jti = stored().jti();
    revoked.add(jti);
    keep(2, "", NOW);
    assertThat(stored().jti()).isNotEqualTo(jti);
    // When
    issuer = PrivateKey.generate();
    keep(2, "", NOW);
    assertThat(stored().gen()).isEqualTo(2);
    // When
    for (String rubbish : List.of("", "rubbish", "a.b.c")) {
      edit(rubbish);
      keep(2, "", NOW);
      assertThat(stored().holder()).isEqualTo(agent.publicKey());
    }
  }

  @Test
  void aSecretOfSomebodyElseIsNeitherWrittenNorRemoved() throws Exception {
    // Given
    Secret foreign =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace("bank")
            .withName("billing-contract")
            .endMetadata()
            .addToData("contract", "Zm9yZWlnbg==")
            .build();
    client.resource(foreign).create();
    // When
    OutsideContracts.Outcome outcome = keep(1, "", NOW);
    // Then
    assertThat(outcome).isInstanceOf(OutsideContracts.Outcome.Blocked.class);
    // When
    contracts.keep(capability(1, ""), Optional.empty(), NOW);
    contracts.gone(capability(1, ""));
    // Then
    assertThat(secret().getData()).containsEntry("contract", "Zm9yZWlnbg==");
  }

  @Test
  void anotherCapabilityOfTheSameNameHasNoClaim() throws Exception {
    // Given
    keep(1, "", NOW);
    AgentCapability again = capability(1, "");
    again.getMetadata().setUid("2f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11");
    // When
    contracts.gone(again);
    // Then
    assertThat(secret()).isNotNull();
    // When
    contracts.gone(capability(1, ""));
    // Then
    assertThat(secret()).isNull();
  }

  private OutsideContracts.Outcome keep(long generation, String more, Instant now)
      throws Exception {
    AgentCapability capability = capability(generation, more);
    Acceptance acceptance =
        new CapabilityReader("cluster.local")
            .read(
                new Terms.Subject("bank", "billing", CID, generation, 0),
                new ObjectMapper().readTree(Serialization.asJson(capability.getSpec())));
    Terms terms = ((Acceptance.Accepted) acceptance).terms();
    return contracts.keep(capability, Optional.of(terms), now);
  }

  private AgentCapability capability(long generation, String more) {
    AgentCapability capability =
        Serialization.unmarshal(
            """
            apiVersion: writ.dev/v1alpha1
            kind: AgentCapability
            metadata: {name: billing, namespace: bank, uid: %s, generation: %d}
            spec: {source: {publicKey: %s, contractSecretName: billing-contract},
              targetRef: {kind: Service, name: ledger},
              actions: [{name: transfer, http: {methods: [POST], paths: [{type: Exact, value: /v1}]}}]%s}
            """
                .formatted(CID, generation, agent.publicKey().toJwk().replace(":", ": "), more),
            AgentCapability.class);
    return capability;
  }

  private RootContract stored() throws Exception {
    return RootContract.parse(
        new String(
            Base64.getDecoder().decode(secret().getData().get("contract")), StandardCharsets.UTF_8),
        TrustBundle.of(List.of(issuer.publicKey())),
        Ed25519.bouncyCastle());
  }

  private Secret secret() {
    return client.secrets().inNamespace("bank").withName("billing-contract").get();
  }

  private void edit(String text) {
    String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    client
        .secrets()
        .inNamespace("bank")
        .withName("billing-contract")
        .edit(old -> new SecretBuilder(old).addToData("contract", encoded).build());
  }
}
