package dev.writ.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.operator.cluster.SecretStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class IssuedSecretTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final String NAME = "writ-webhook-tls";
  private static final List<String> NAMES =
      List.of("writ-operator.writ-system.svc", "writ-webhook.writ-system.svc");

  KubernetesClient client;
  private SecretStore secrets;
  private TestIssuer issuer;

  @BeforeEach
  void setUp() throws Exception {
    secrets = new SecretStore(client, "writ-system");
    issuer = new TestIssuer(NOW);
  }

  private CertificateSource.Offer offer(Map<String, String> entries)
      throws GeneralSecurityException {
    secrets.replace(NAME, entries);
    return source().offer(Optional.empty(), NOW);
  }

  private IssuedSecret source() {
    return new IssuedSecret(secrets, NAME, new ServingNames(NAMES, List.of("further.svc")));
  }

  private Map<String, String> with(String entry, String value) throws Exception {
    Map<String, String> entries = new HashMap<>(issuer.secret(NAMES, NOW));
    entries.put(entry, value);
    return entries;
  }

  private void refused(Map<String, String> entries, String... said) {
    assertThatThrownBy(() -> offer(entries))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageStartingWith("Secret " + NAME + " ")
        .hasMessageContainingAll(said)
        .hasMessageNotContainingAny("PRIVATE KEY", "MI");
  }

  @Test
  void whatTheIssuerWroteIsOfferedAndNeverWritten() throws Exception {
    // Given
    Map<String, String> entries = issuer.secret(NAMES, NOW);
    // When
    CertificateSource.Offer offer = offer(entries);
    // Then
    assertThat(Pem.of(offer.pair().chain())).isEqualTo(entries.get("tls.crt"));
    assertThat(offer.authorities()).containsExactly(issuer.authority());
    assertThat(secrets.load(NAME)).contains(entries);
  }

  @Test
  void severalAuthoritiesAreAllTrustedOnceEach() throws Exception {
    // Given
    TestIssuer next = new TestIssuer(NOW);
    // When
    CertificateSource.Offer offer =
        offer(with("ca.crt", next.authorityPem() + issuer.authorityPem() + next.authorityPem()));
    // Then
    assertThat(offer.authorities()).containsExactly(next.authority(), issuer.authority());
  }

  @Test
  void aWholeStoreOfAuthoritiesIsRefused() throws Exception {
    // Given
    StringBuilder store = new StringBuilder(issuer.authorityPem());
    for (int i = 0; i < 20; i++) {
      store.append(new TestIssuer(NOW).authorityPem());
    }
    // Then
    refused(with("ca.crt", store.toString()), "21 authorities");
  }

  @Test
  void aSecretThatIsNotThereOrNotWholeIsWaitedFor() throws Exception {
    assertThatThrownBy(() -> source().offer(Optional.empty(), NOW))
        .hasMessageContaining("Secret " + NAME + " is not there");
    refused(with("tls.key", ""), "no entry tls.key");
    refused(with("tls.crt", " "), "no entry tls.crt");
    refused(with("ca.crt", ""), "no entry ca.crt", "ACME");
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToChange() throws Exception {
    // Given
    TestIssuer stranger = new TestIssuer(NOW);
    String certificate = issuer.secret(NAMES, NOW).get("tls.crt");
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    // Then
    refused(with("tls.crt", certificate), "the key is not that of the certificate");
    refused(with("ca.crt", stranger.authorityPem()), "no authority in its ca.crt vouches for");
    refused(with("ca.crt", "nonsense"), "ca.crt that is no certificate");
    refused(with("ca.crt", cut(issuer.authorityPem())), "ca.crt that is no certificate");
    refused(with("tls.crt", cut(certificate)), "can't be used");
    refused(with("tls.key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"), "PKCS #8", "ECDSA");
    refused(with("tls.key", Pem.of(rsa.getPrivate())), "PKCS #8", "ECDSA");
    refused(
        issuer.secret(List.of(NAMES.getFirst(), "further.svc"), NOW),
        "without the names [writ-webhook.writ-system.svc]",
        "dnsNames");
  }

  @Test
  void whatIsOverOrNotYetValidIsRefused() throws Exception {
    refused(issuer.secret(NAMES, NOW.minus(Duration.ofDays(91))), "expired at 2026-11-21");
    refused(issuer.secret(NAMES, NOW.plus(Duration.ofDays(1))), "valid from 2026-11-22T23:55");
  }

  @Test
  void aChainOverAnIntermediateIsVouchedForByItsRoot() throws Exception {
    // Given
    Made root = Made.of("root", null, true, KeyPurposeId.id_kp_serverAuth);
    Made middle = Made.of("middle", root, true, KeyPurposeId.id_kp_serverAuth);
    Made leaf = Made.of("leaf", middle, false, KeyPurposeId.id_kp_serverAuth);
    // When
    CertificateSource.Offer offer = offer(entries(leaf, root, middle));
    // Then
    assertThat(offer.pair().chain()).containsExactly(leaf.certificate(), middle.certificate());
    // And without it, it is not
    refused(entries(leaf, root), "no authority in its ca.crt vouches for");
  }

  @Test
  void aCertificateThatVouchesForItselfIsTaken() throws Exception {
    // Given
    Made self = Made.of("self", null, false, KeyPurposeId.id_kp_serverAuth);
    // Then
    assertThat(offer(entries(self, self)).authorities()).containsExactly(self.certificate());
  }

  @Test
  void aCertificateOfAClientIsRefused() throws Exception {
    // Given
    Made root = Made.of("root", null, true, KeyPurposeId.id_kp_serverAuth);
    Made leaf = Made.of("leaf", root, false, KeyPurposeId.id_kp_clientAuth);
    // Then
    refused(entries(leaf, root), "server auth");
  }

  @Test
  void aReplicaThatStartsWhileTheSecretIsBrokenServesWhatOthersDo() throws Exception {
    // Given
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    ServingNames names = new ServingNames(NAMES, List.of());
    secrets.replace(NAME, issuer.secret(NAMES, NOW));
    ServingCertificate before = ServingCertificate.issued(secrets, NAME, names, clock);
    secrets.replace(NAME, Map.of());
    // When
    ServingCertificate after = ServingCertificate.issued(secrets, NAME, names, clock);
    // Then
    assertThat(after.until()).isEqualTo(before.until());
    assertThat(after.authorities()).isEqualTo(before.authorities());
    assertThatThrownBy(after::refresh).hasMessageContaining("no entry tls.key");
    // And when that is over it serves nothing
    assertThatThrownBy(
            () ->
                ServingCertificate.issued(
                    secrets, NAME, names, Clock.fixed(before.until(), ZoneOffset.UTC)))
        .hasMessageContaining("no entry tls.key");
  }

  private static String cut(String pem) {
    return pem.substring(0, pem.length() / 2);
  }

  private static Map<String, String> entries(Made leaf, Made root, Made... between)
      throws Exception {
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
    List.of(between).forEach(one -> chain.add(one.certificate()));
    return Map.of(
        "tls.key", Pem.of(leaf.keys().getPrivate()),
        "tls.crt", Pem.of(chain),
        "ca.crt", Pem.of(List.of(root.certificate())));
  }

  /** A certificate as no authority of ours makes it. */
  private record Made(String name, KeyPair keys, X509Certificate certificate) {
    static Made of(String name, Made by, boolean authority, KeyPurposeId purpose) throws Exception {
      KeyPair keys = KeyPairGenerator.getInstance("EC").generateKeyPair();
      X500Name subject = new X500Name("CN=" + name);
      var builder =
          new JcaX509v3CertificateBuilder(
              by == null ? subject : new X500Name("CN=" + by.name()),
              BigInteger.valueOf(name.hashCode()).abs(),
              Date.from(NOW.minusSeconds(60)),
              Date.from(NOW.plus(Duration.ofDays(9))),
              subject,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!authority) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                NAMES.stream()
                    .map(dns -> new GeneralName(GeneralName.dNSName, dns))
                    .toArray(GeneralName[]::new)));
      }
      var signer =
          new JcaContentSignerBuilder("SHA256withECDSA")
              .build((by == null ? keys : by.keys()).getPrivate());
      return new Made(
          name, keys, new JcaX509CertificateConverter().getCertificate(builder.build(signer)));
    }
  }
}
