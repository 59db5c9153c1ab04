package dev.writ.operator.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes the operator's authority and the certificates it serves with; keys are ECDSA P-256. */
final class CertificateAuthority {
  /**
   * Long, because every mounted copy has to change before the old one may go; the key signs nothing
   * but our own serving certificate.
   */
  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);

  private static final Duration SERVING_LIFE = Duration.ofDays(90);
  private static final Duration CLOCKS_BEHIND = Duration.ofMinutes(5);
  private static final String ALGORITHM = "SHA256withECDSA";

  private final SecureRandom random;

  CertificateAuthority(SecureRandom random) {
    this.random = random;
  }

  /** A new self-signed authority. */
  KeyAndChain create(Instant now) throws GeneralSecurityException {
    KeyPair pair = keyPair();
    // The serial in the name keeps two authorities apart in a bundle that holds both during a
    // rotation.
    X500Name name = new X500Name("CN=writ-ca-" + serial().toString(16).substring(0, 8));
    var builder = builder(name, now, AUTHORITY_LIFE, name, pair.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    } catch (CertIOException e) {
      throw new GeneralSecurityException("couldn't build the authority's certificate", e);
    }
    return new KeyAndChain(pair.getPrivate(), List.of(sign(builder, pair)));
  }

  /** A new serving key and its certificate, signed by the authority. */
  KeyAndChain issue(KeyAndChain authority, Collection<String> names, Instant now)
      throws GeneralSecurityException {
    KeyPair pair = keyPair();
    X500Name issuer = new X500Name(authority.certificate().getSubjectX500Principal().getName());
    var builder =
        builder(issuer, now, SERVING_LIFE, new X500Name("CN=writ-operator"), pair.getPublic());
    GeneralName[] alternatives =
        names.stream()
            .map(name -> SubjectName.of(name).toGeneralName())
            .toArray(GeneralName[]::new);
    var identifiers = new JcaX509ExtensionUtils();
    try {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(authority.certificate()));
    } catch (CertIOException e) {
      throw new GeneralSecurityException("couldn't build the serving certificate", e);
    }
    return new KeyAndChain(pair.getPrivate(), List.of(sign(builder, authority.keyPair())));
  }

  private JcaX509v3CertificateBuilder builder(
      X500Name issuer, Instant now, Duration life, X500Name subject, PublicKey key) {
    Date from = Date.from(now.minus(CLOCKS_BEHIND));
    return new JcaX509v3CertificateBuilder(
        issuer, serial(), from, Date.from(now.plus(life)), subject, key);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair by)
      throws GeneralSecurityException {
    try {
      var signer = new JcaContentSignerBuilder(ALGORITHM).build(by.getPrivate());
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("couldn't sign a certificate", e);
    }
  }

  private BigInteger serial() {
    return new BigInteger(127, random).setBit(126);
  }

  private KeyPair keyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }
}
