package dev.writ.operator.tls;

import dev.writ.operator.cluster.SecretStore;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Secret that somebody else keeps and we only read, in the form that cert-manager writes: {@code
 * tls.key}, {@code tls.crt} (its own certificate first), {@code ca.crt}.
 */
final class IssuedSecret implements CertificateSource {
  /** Every sidecar carries them all; a whole store of public authorities is a mistake. */
  private static final int MAX_AUTHORITIES = 20;

  private final SecretStore secrets;
  private final String name;
  private final ServingNames names;

  IssuedSecret(SecretStore secrets, String name, ServingNames names) {
    this.secrets = secrets;
    this.name = name;
    this.names = names;
  }

  @Override
  public Offer offer(Optional<KeyAndChain> served, Instant now) throws GeneralSecurityException {
    Map<String, String> stored =
        secrets
            .load(name)
            .orElseThrow(
                () ->
                    bad(
                        "is not there. Who issues our certificate has to make it; with"
                            + " cert-manager, kubectl describe certificate says why it did not"));
    for (String entry : List.of("tls.key", "tls.crt")) {
      if (stored.getOrDefault(entry, "").isBlank()) {
        throw bad("has no entry " + entry + " yet");
      }
    }
    String bundle = stored.getOrDefault("ca.crt", "");
    if (bundle.isBlank()) {
      throw bad(
          "has no entry ca.crt, so nobody could be told whom to trust. Issuers of public"
              + " certificates (ACME) leave it out: choose one that has its own authority, as of"
              + " kind CA or Vault");
    }
    KeyAndChain pair = parse(stored);
    List<X509Certificate> authorities = authorities(bundle);
    check(pair, authorities, now);
    return new Offer(pair, authorities);
  }

  private KeyAndChain parse(Map<String, String> stored) throws GeneralSecurityException {
    try {
      return KeyAndChain.parse(
          stored.getOrDefault("tls.key", ""), stored.getOrDefault("tls.crt", ""));
    } catch (GeneralSecurityException e) {
      throw bad(
          "can't be used: "
              + e.getMessage()
              + ". Needed are an EC key in PKCS #8 (privateKey: {algorithm: ECDSA, encoding:"
              + " PKCS8} of a Certificate) and its certificate, in PEM");
    }
  }

  private List<X509Certificate> authorities(String bundle) throws GeneralSecurityException {
    List<X509Certificate> all;
    try {
      all = Pem.certificates(bundle).stream().distinct().toList();
    } catch (GeneralSecurityException e) {
      throw bad("has an entry ca.crt that is no certificate in PEM: " + e.getMessage());
    }
    if (all.size() > MAX_AUTHORITIES) {
      throw bad(
          "has "
              + all.size()
              + " authorities in ca.crt, more than "
              + MAX_AUTHORITIES
              + "; put there those of its issuer alone");
    }
    return all;
  }

  private void check(KeyAndChain pair, List<X509Certificate> authorities, Instant now)
      throws GeneralSecurityException {
    X509Certificate certificate = pair.certificate();
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw bad("has a certificate that expired at " + certificate.getNotAfter().toInstant());
    }
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      throw bad(
          "has a certificate that is valid from "
              + certificate.getNotBefore().toInstant()
              + " on alone; it is "
              + now);
    }
    List<String> missing = pair.missing(names.called());
    if (!missing.isEmpty()) {
      throw bad(
          "has a certificate without the names "
              + missing
              + "; add them to dnsNames (addresses: ipAddresses) of the Certificate");
    }
    if (!pair.servesTls()) {
      throw bad("has a certificate that is not for servers; add \"server auth\" to its usages");
    }
    if (!pair.trustedBy(authorities, now)) {
      throw bad("has a certificate that no authority in its ca.crt vouches for");
    }
  }

  private GeneralSecurityException bad(String what) {
    return new GeneralSecurityException("Secret " + name + " " + what);
  }
}
