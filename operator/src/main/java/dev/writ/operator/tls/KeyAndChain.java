package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A private key and the certificates that vouch for it, its own first. Prints as its subject, never
 * as its key.
 *
 * @param key EC, fits the first certificate
 * @param chain at least one
 */
record KeyAndChain(PrivateKey key, List<X509Certificate> chain) {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_USAGE = "2.5.29.37.0";

  KeyAndChain {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("chain is empty");
    }
  }

  /**
   * Reads both halves and proves that they belong together.
   *
   * @throws GeneralSecurityException if they do not parse or do not fit
   */
  static KeyAndChain parse(String keyPem, String chainPem) throws GeneralSecurityException {
    KeyAndChain pair = new KeyAndChain(Pem.ecKey(keyPem), Pem.certificates(chainPem));
    byte[] message = {1, 2, 3};
    Signature signer = Signature.getInstance("SHA256withECDSA");
    signer.initSign(pair.key);
    signer.update(message);
    byte[] signature = signer.sign();
    signer.initVerify(pair.certificate().getPublicKey());
    signer.update(message);
    if (!signer.verify(signature)) {
      throw new GeneralSecurityException("the key is not that of the certificate");
    }
    return pair;
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  Instant until() {
    return certificate().getNotAfter().toInstant();
  }

  KeyPair keyPair() {
    return new KeyPair(certificate().getPublicKey(), key);
  }

  /**
   * True once two thirds of the lifetime passed: the rest is the time to notice that renewal fails.
   */
  boolean dueForRenewal(Instant now) {
    Instant from = certificate().getNotBefore().toInstant();
    Duration life = Duration.between(from, certificate().getNotAfter().toInstant());
    return now.isAfter(from.plus(life.multipliedBy(2).dividedBy(3)));
  }

  /** Those of the names that a client could not call the certificate's owner by. */
  List<String> missing(Collection<String> names) {
    Set<String> covered = new HashSet<>();
    try {
      var alternatives = certificate().getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.forEach(
            entry -> covered.add(String.valueOf(entry.get(1)).toLowerCase(Locale.ROOT)));
      }
    } catch (CertificateParsingException e) {
      return List.copyOf(names);
    }
    return names.stream()
        .filter(name -> !covered.contains(SubjectName.of(name).canonical()))
        .toList();
  }

  /** Whether clients of TLS accept the certificate from a server. */
  boolean servesTls() {
    try {
      List<String> usages = certificate().getExtendedKeyUsage();
      return usages == null || usages.contains(SERVER_AUTH) || usages.contains(ANY_USAGE);
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  /** Whether one of the authorities vouches for the certificate, by its chain, at that time. */
  boolean trustedBy(Collection<X509Certificate> authorities, Instant at) {
    try {
      if (authorities.contains(certificate())) {
        certificate().checkValidity(Date.from(at));
        return true;
      }
      Set<TrustAnchor> anchors = new HashSet<>();
      authorities.stream()
          // The API server, unlike Java, refuses what an expired authority vouches for.
          .filter(authority -> !at.isAfter(authority.getNotAfter().toInstant()))
          .forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPath path =
          CertificateFactory.getInstance("X.509")
              .generateCertPath(chain.stream().filter(one -> !authorities.contains(one)).toList());
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  boolean issuedBy(X509Certificate authority) {
    try {
      certificate().verify(authority.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "KeyAndChain[" + certificate().getSubjectX500Principal().getName() + "]";
  }
}
