package dev.writ.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.operator.cluster.SecretStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class ServingCertificateTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final List<String> NAMES =
      List.of("writ-operator.writ-system.svc", "127.0.0.1", "::1");
  KubernetesClient client;
  private SecretStore secrets;

  @BeforeEach
  void setUp() {
    secrets = new SecretStore(client, "writ-system");
  }

  private ServingCertificate open(List<String> names, Instant now) throws GeneralSecurityException {
    return ServingCertificate.own(
        secrets,
        new ServingNames(names, List.of()),
        new SecureRandom(),
        Clock.fixed(now, ZoneOffset.UTC));
  }

  private KeyAndChain serving() throws GeneralSecurityException {
    Map<String, String> stored = secrets.load(ServingCertificate.SERVING_SECRET).orElseThrow();
    return KeyAndChain.parse(stored.get("tls.key"), stored.get("tls.crt"));
  }

  @Test
  void aRestartServesTheSameCertificate() throws Exception {
    // Given
    String authorities = open(NAMES, NOW).authorities();
    KeyAndChain first = serving();
    // When
    String again = open(NAMES, NOW.plusSeconds(60)).authorities();
    // Then
    assertThat(again).isEqualTo(authorities);
    assertThat(serving().certificate()).isEqualTo(first.certificate());
    assertThat(first.missing(NAMES)).isEmpty();
    assertThat(first.issuedBy(Pem.certificates(authorities).getFirst())).isTrue();
  }

  @Test
  void anotherNameOrTwoThirdsOfItsLifeMakesANewOneUnderTheSameAuthority() throws Exception {
    // Given
    String authorities = open(NAMES, NOW).authorities();
    KeyAndChain first = serving();
    // When
    open(List.of("other.svc"), NOW);
    KeyAndChain second = serving();
    open(List.of("other.svc"), NOW.plus(Duration.ofDays(61)));
    // Then
    assertThat(second.certificate()).isNotEqualTo(first.certificate());
    assertThat(serving().certificate()).isNotEqualTo(second.certificate());
    assertThat(open(NAMES, NOW).authorities()).isEqualTo(authorities);
  }

  @Test
  void aNextAuthorityIsPublishedBesideThePresentOne() throws Exception {
    // Given
    ServingCertificate certificate = open(NAMES, NOW);
    Map<String, String> stored =
        new HashMap<>(secrets.load(ServingCertificate.AUTHORITY_SECRET).orElseThrow());
    KeyAndChain next = new CertificateAuthority(new SecureRandom()).create(NOW);
    stored.merge("ca.crt", Pem.of(next.chain()), String::concat);
    secrets.replace(ServingCertificate.AUTHORITY_SECRET, stored);
    // When
    boolean changed = certificate.refresh();
    // Then
    assertThat(changed).isTrue();
    assertThat(Pem.certificates(certificate.authorities())).hasSize(2).contains(next.certificate());
  }

  @Test
  void whoComesBackToItsOwnAuthorityServesTheOtherUntilItsOwnIsTrusted() throws Exception {
    // Given
    TestIssuer issuer = new TestIssuer(NOW);
    secrets.replace("issued", issuer.secret(NAMES, NOW));
    ServingCertificate.issued(
        secrets, "issued", new ServingNames(NAMES, List.of()), Clock.fixed(NOW, ZoneOffset.UTC));
    KeyAndChain issued = serving();
    // When
    ServingCertificate own = open(NAMES, NOW);
    // Then
    assertThat(serving()).isEqualTo(issued);
    assertThat(Pem.certificates(own.authorities())).hasSize(2).contains(issuer.authority());
    // When
    Instant later = NOW.plus(AuthorityRotation.OVERLAP);
    open(NAMES, later);
    // Then
    assertThat(serving().issuedBy(issuer.authority())).isFalse();
    // And after another overlap the other is trusted no more
    assertThat(Pem.certificates(open(NAMES, later.plus(AuthorityRotation.OVERLAP)).authorities()))
        .hasSize(1)
        .doesNotContain(issuer.authority());
  }

  @Test
  void whatOneReplicaReplacedTheOthersServeToo() throws Exception {
    // Given
    ServingCertificate one = open(NAMES, NOW);
    ServingCertificate other = open(NAMES, NOW);
    List<String> more = Stream.concat(NAMES.stream(), Stream.of("more.svc")).toList();
    // When
    ServingCertificate third = open(more, NOW.plusSeconds(60));
    one.refresh();
    other.refresh();
    // Then
    assertThat(third.until()).isEqualTo(serving().until()).isAfter(NOW.plus(Duration.ofDays(90)));
    assertThat(one.until()).isEqualTo(third.until());
    assertThat(other.until()).isEqualTo(third.until());
  }

  @Test
  void whatIsKeptAndBrokenIsBegunAnew() throws Exception {
    // Given
    open(NAMES, NOW);
    secrets.replace(ServingCertificate.SERVING_SECRET, Map.of("tls.key", "x", "tls.crt", "y"));
    // When
    ServingCertificate again = open(NAMES, NOW);
    // Then
    assertThat(again.until()).isEqualTo(serving().until());
  }

  @Test
  void anAuthorityThatCanNotBeReadIsNamedAndItsKeyIsNotShown() {
    // Given
    secrets.replace(
        ServingCertificate.AUTHORITY_SECRET, Map.of("tls.key", "c2VjcmV0", "tls.crt", "x"));
    // Then
    assertThatThrownBy(() -> open(NAMES, NOW))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("writ-ca")
        .hasMessageNotContaining("c2VjcmV0");
  }

  @Test
  void aKeyOfAnotherCertificateIsRefusedAndNeverPrints() throws Exception {
    // Given
    CertificateAuthority maker = new CertificateAuthority(new SecureRandom());
    KeyAndChain one = maker.create(NOW);
    KeyAndChain other = maker.create(NOW);
    // Then
    assertThatThrownBy(() -> KeyAndChain.parse(Pem.of(one.key()), Pem.of(other.chain())))
        .isInstanceOf(GeneralSecurityException.class);
    assertThat(one.toString()).startsWith("KeyAndChain[CN=writ-ca-").doesNotContain("PRIVATE");
  }

  @Test
  void whoAskedForTheChainBeforeASwapGetsTheKeyThatFitsIt() throws Exception {
    // Given
    CertificateAuthority maker = new CertificateAuthority(new SecureRandom());
    KeyAndChain one = maker.create(NOW);
    KeyAndChain other = maker.create(NOW);
    ReloadingKeyManager manager = new ReloadingKeyManager(one);
    String alias = manager.chooseEngineServerAlias("EC", null, null);
    // When
    manager.use(other);
    // Then
    assertThat(manager.getPrivateKey(alias)).isEqualTo(one.key());
    assertThat(manager.getCertificateChain(alias)[0]).isEqualTo(one.certificate());
    assertThat(manager.getPrivateKey(manager.chooseEngineServerAlias("EC", null, null)))
        .isEqualTo(other.key());
  }
}
