package dev.writ.operator.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@EnableKubernetesMockClient(crud = true)
class RotationTest {
  private static final String ROTATE = "writ.dev/rotate-key";
  private static final String REVOKE = "writ.dev/revoke-key";

  KubernetesClient client;
  private World world;

  @BeforeEach
  void setUp() {
    world = new World(client);
  }

  @Test
  void theFirstKeyIsMadeOnceAndStays() throws Exception {
    // When
    World.Operator first = world.operator();
    World.Operator again = world.operator();
    // Then
    assertThat(again.signer()).isEqualTo(first.signer());
    assertThat(again.trusted()).containsExactly(first.signer());
  }

  @Test
  void aKeyIsKnownToTheSidecarsBeforeItSignsAndTrustedUntilItsLastContractEnded() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey old = operator.signer();
    operator.connected = false;
    world.annotateSecret(ROTATE, "now");

    // When: it is published, and nobody confirms
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(old);
    assertThat(operator.trusted()).hasSize(2).startsWith(old);
    assertThat(operator.rotation.ready()).isFalse();
    assertThat(world.secret().getMetadata().getAnnotations()).isNullOrEmpty();
    assertThat(operator.signedAgain).isZero();

    // When: the sidecar is back
    operator.connected = true;
    operator.known = operator.trusted();
    assertThat(operator.rotation.ready()).isTrue();
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isNotEqualTo(old);
    assertThat(operator.trusted()).containsExactly(operator.signer(), old);
    assertThat(operator.signedBy).containsExactly(operator.signer());
    assertThat(world.signers.destroyed).hasSize(1);
    assertThat(world.text()).containsOnlyOnce("\"reference\"");

    // When: its last contract has ended
    int told = operator.told;
    world.now += Keyring.MEMORY_SECONDS - 1;
    operator.rotation.look();
    assertThat(operator.trusted()).hasSize(2);
    world.now++;
    operator.rotation.look();
    // Then: nobody is bothered for it
    assertThat(operator.trusted()).containsExactly(operator.signer());
    assertThat(operator.told).isEqualTo(told);
  }

  @Test
  void aSidecarThatIsSilentForLongRefusesEverythingAnywayAndIsNotWaitedFor() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    operator.connected = false;
    world.annotateNotice(ROTATE, "now");
    operator.rotation.look();
    PublicKey old = operator.signer();
    // When
    world.nanos += Rotation.SILENCE.toNanos() - 1;
    operator.rotation.look();
    assertThat(operator.signer()).isEqualTo(old);
    world.nanos++;
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isNotEqualTo(old);
  }

  @Test
  void aClockThatJumpsDoesNotShortenTheWaitForSidecars() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    operator.connected = false;
    world.annotateSecret(ROTATE, "now");
    operator.rotation.look();
    PublicKey old = operator.signer();
    // When
    world.now += 100_000;
    operator.rotation.look();
    world.now -= 200_000;
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(old);
  }

  @Test
  void aKeyThatSignedForItsLifetimeIsFollowed() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey old = operator.signer();
    world.now += World.LIFETIME.toSeconds() - 1;
    operator.rotation.look();
    assertThat(operator.signer()).isEqualTo(old);
    // When
    world.now++;
    operator.rotation.look();
    // Then: once
    assertThat(operator.signer()).isNotEqualTo(old);
    PublicKey second = operator.signer();
    operator.rotation.look();
    assertThat(operator.signer()).isEqualTo(second);
  }

  /** The numbers are those of the saves: making the first, announcing, promoting, expiring. */
  @ParameterizedTest
  @CsvSource({"1,-1", "-1,1", "2,-1", "-1,2", "3,-1", "-1,3"})
  void aCrashAtAnyStepLosesNoKeyAndTheNextOperatorGoesOn(int before, int after) throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey old = operator.signer();
    world.store.failBefore = before;
    world.store.failAfter = after;
    world.annotateNotice(ROTATE, "now");
    boolean crashed = false;

    // When: whenever it crashes another one starts
    for (int look = 0; look < 6; look++) {
      try {
        operator.rotation.look();
      } catch (World.Crash e) {
        crashed = true;
        List<PublicKey> known = operator.known;
        operator = world.operator();
        assertThat(known).as("the sidecar knows what signs").contains(operator.signer());
      }
      if (look == 3) {
        world.now += Keyring.MEMORY_SECONDS;
      }
    }

    // Then: one rotation, no more
    assertThat(crashed).isTrue();
    assertThat(operator.signer()).isNotEqualTo(old);
    assertThat(operator.trusted()).containsExactly(operator.signer());
    assertThat(world.complaints).isEmpty();
  }

  @Test
  void ofTwoOperatorsThatRotateAtOnceOneWinsAndBothGoOnWithItsKey() throws Exception {
    // Given
    World.Operator one = world.operator();
    World.Operator two = world.operator();
    one.rotation.look();
    two.rotation.look();
    world.annotateSecret(ROTATE, "now");
    two.connected = false;
    // When: the second announces and the first is between its look and its save
    world.store.meanwhile = two.rotation::look;
    one.rotation.look();
    // Then
    assertThat(world.text()).containsOnlyOnce("\"next\"");
    // When: the loser's key is destroyed, and both see the winner's
    one.rotation.look();
    two.connected = true;
    two.known = two.trusted();
    two.rotation.look();
    // Then
    assertThat(one.signer()).isEqualTo(two.signer());
    assertThat(one.trusted()).containsExactlyInAnyOrderElementsOf(two.trusted()).hasSize(2);
    assertThat(world.signers.made).hasSize(3);
    // the loser's, and the old one's, by whoever promoted
    assertThat(world.signers.destroyed).hasSize(2);
  }

  @Test
  void aRevokedKeyIsOutOfTrustAndAnotherSignsAtOnce() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey stolen = operator.signer();
    int told = operator.told;
    operator.connected = false;
    // When
    world.annotateSecret(REVOKE, stolen.thumbprint());
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isNotEqualTo(stolen);
    assertThat(operator.trusted()).containsExactly(operator.signer());
    assertThat(operator.told).isEqualTo(told + 1);
    assertThat(operator.signedBy).containsExactly(operator.signer());
    assertThat(world.notice()).contains("\"" + stolen.thumbprint() + "\",\"state\":\"revoked\"");
    assertThat(world.secret().getMetadata().getAnnotations()).isNullOrEmpty();
    // And: it stays out over a restart
    assertThat(world.operator().trusted()).containsExactly(operator.signer());
  }

  @Test
  void aKeyThatWaitsTakesOverForARevokedOne() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey stolen = operator.signer();
    operator.connected = false;
    world.annotateSecret(ROTATE, "now");
    operator.rotation.look();
    PublicKey next = operator.trusted().getLast();
    // When
    world.annotateNotice(REVOKE, stolen.thumbprint());
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(next);
    assertThat(operator.trusted()).containsExactly(next);
  }

  @Test
  void anOldKeyIsRevokedWithoutAnotherSigner() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey old = operator.signer();
    world.annotateSecret(ROTATE, "now");
    operator.rotation.look();
    PublicKey signer = operator.signer();
    assertThat(operator.trusted()).containsExactly(signer, old);
    int told = operator.told;
    // When
    world.annotateSecret(REVOKE, old.thumbprint());
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(signer);
    assertThat(operator.trusted()).containsExactly(signer);
    assertThat(operator.told).isEqualTo(told + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "*", "{}", "a,b,c"})
  void aKidThatNobodyHasIsSaidAndChangesNothing(String kid) throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    List<PublicKey> trusted = operator.trusted();
    String text = world.text();
    // When
    world.annotateSecret(REVOKE, kid);
    operator.rotation.look();
    operator.rotation.look();
    // Then
    assertThat(operator.trusted()).isEqualTo(trusted);
    assertThat(world.text()).isEqualTo(text);
    assertThat(world.secret().getMetadata().getAnnotations()).isNullOrEmpty();
    assertThat(world.complaints).hasSize(1);
    assertThat(world.complaints.getFirst())
        .startsWith("DECLINED no issuer key")
        .contains(operator.signer().thumbprint());
  }

  @Test
  void theOneKnownKeyAmongUnknownOnesIsRevoked() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey stolen = operator.signer();
    // When
    world.annotateNotice(REVOKE, "unknown, " + stolen.thumbprint() + " ,");
    operator.rotation.look();
    // Then
    assertThat(operator.trusted()).doesNotContain(stolen);
  }

  @Test
  void askingForRotationsWithoutEndDoesNotFillTheTrustBundle() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    // When
    for (int i = 0; i < 20; i++) {
      world.annotateNotice(ROTATE, "again " + i);
      operator.rotation.look();
    }
    // Then
    assertThat(operator.trusted()).hasSize(1 + RotationStep.MAX_OLD);
    assertThat(world.complaints).isNotEmpty().allMatch(said -> said.contains("wait until"));
  }

  @Test
  void rubbishInTheSecretStopsNothingIsSaidOnceAndIsNeverOverwritten() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    List<PublicKey> trusted = operator.trusted();
    String good = world.text();
    for (String rubbish :
        List.of(
            "",
            "rubbish",
            "{}",
            "{\"keys\":[]}",
            good + good,
            good.replace("current", "next"),
            good.replace("\"since\":", "\"since\":-"),
            good.replace("\"since\":", "\"since\":9999999999999999999999"),
            good.replace("seed:", "seed"),
            good.replace("seed:", "pkcs11:"),
            good.replaceAll("seed:.", "seed:"),
            good.replace("]}", "," + good.substring(9)),
            "{\"keys\":[" + "{},".repeat(100_000) + "{}]}")) {
      world.complaints.clear();
      // When
      world.write(rubbish);
      world.annotateNotice(ROTATE, "now");
      operator.rotation.look();
      operator.rotation.look();
      // Then
      assertThat(operator.trusted()).isEqualTo(trusted);
      assertThat(world.text()).isEqualTo(rubbish);
      assertThat(world.complaints).as(clipped(rubbish)).hasSize(1);
      assertThat(world.complaints.getFirst()).startsWith("UNUSABLE ").doesNotContain(seed(good));
      assertThat(operator.rotation.problem()).isNotEmpty();
      World next = world;
      assertThatThrownBy(next::operator).isInstanceOf(Exception.class);
      // When: it is mended
      world.write(good);
      operator.rotation.look();
      assertThat(operator.rotation.problem()).isEmpty();
      // the rotation that was asked for meanwhile went on
      good = world.text();
      trusted = operator.trusted();
      world.now += Keyring.MEMORY_SECONDS;
      operator.rotation.look();
      good = world.text();
      trusted = operator.trusted();
    }
  }

  @Test
  void aSecretThatIsDeletedIsNotMadeUpBehindItsOwnersBack() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    List<PublicKey> trusted = operator.trusted();
    // When
    client.secrets().inNamespace(World.NAMESPACE).withName("writ-issuer-key").delete();
    operator.rotation.look();
    // Then
    assertThat(world.secret()).isNull();
    assertThat(operator.trusted()).isEqualTo(trusted);
    assertThat(world.complaints).hasSize(1);
    assertThat(world.complaints.getFirst()).contains("is gone; restore it");
  }

  @Test
  void aKeyThatCanNotBeOpenedNeverBecomesTheSigner() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    PublicKey old = operator.signer();
    operator.connected = false;
    world.annotateSecret(ROTATE, "now");
    operator.rotation.look();
    operator.connected = true;
    operator.known = operator.trusted();
    // When
    world.signers.away = true;
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(old);
    assertThat(world.text()).contains("\"next\"");
    assertThat(world.complaints).containsExactly("UNUSABLE the token is away");
    // When
    world.signers.away = false;
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isNotEqualTo(old);
  }

  @Test
  void aKeyThatSomebodyBroughtIsTakenOver() throws Exception {
    // Given
    PrivateKey own = PrivateKey.generate();
    String jwk = Base64.getEncoder().encodeToString(own.toJwk().getBytes(StandardCharsets.UTF_8));
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(World.NAMESPACE)
                .withName("writ-issuer-key")
                .endMetadata()
                .addToData("current.jwk", jwk)
                .build())
        .create();
    world.now =
        java.time.Instant.parse(world.secret().getMetadata().getCreationTimestamp())
            .getEpochSecond();
    // When
    World.Operator operator = world.operator();
    operator.rotation.look();
    // Then
    assertThat(operator.signer()).isEqualTo(own.publicKey());
    // When
    world.annotateSecret(ROTATE, "now");
    operator.rotation.look();
    // Then
    assertThat(operator.trusted()).hasSize(2).contains(own.publicKey());
    assertThat(world.secret().getData()).containsOnlyKeys("keyring.json");
  }

  @Test
  void aBadKeyIsNamedAndNotShown() {
    // Given
    String secret = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\",\"d\":\"c2VjcmV0\"}";
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(World.NAMESPACE)
                .withName("writ-issuer-key")
                .endMetadata()
                .addToData(
                    "current.jwk",
                    Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)))
                .build())
        .create();
    // Then
    assertThatThrownBy(world::operator)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("writ-issuer-key")
        .hasMessageContaining("current.jwk")
        .hasMessageNotContaining("c2VjcmV0");
  }

  @Test
  void keysDoNotPrint() throws Exception {
    // Given
    World.Operator operator = world.operator();
    operator.rotation.look();
    String seed = seed(world.text());
    KeyringStore.Stored stored = world.store.load().orElseThrow();
    // Then
    assertThat(
            stored
                + " "
                + stored.ring().keys()
                + stored.ring().current()
                + stored.ring().current().reference()
                + operator.rotation.keys()
                + world.notice())
        .contains(operator.signer().thumbprint())
        .doesNotContain(seed);
  }

  private static String seed(String ring) {
    int from = ring.indexOf("seed:") + 5;
    return ring.substring(from, from + 43);
  }

  private static String clipped(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }
}
