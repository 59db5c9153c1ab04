package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
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

  /** Whether a client that calls any of the names will accept the certificate. */
  boolean covers(Collection<String> names) throws CertificateParsingException {
    Set<String> covered = new HashSet<>();
    var alternatives = certificate().getSubjectAlternativeNames();
    if (alternatives != null) {
      alternatives.forEach(
          entry -> covered.add(String.valueOf(entry.get(1)).toLowerCase(Locale.ROOT)));
    }
    return names.stream().map(name -> SubjectName.of(name).canonical()).allMatch(covered::contains);
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
