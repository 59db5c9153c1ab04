package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/** Somebody else's authority, which writes Secrets in the form that cert-manager does. */
public final class TestIssuer {
  private final CertificateAuthority maker = new CertificateAuthority(new SecureRandom());
  private final KeyAndChain authority;

  /** With a new authority. */
  public TestIssuer(Instant now) throws GeneralSecurityException {
    authority = maker.create(now);
  }

  /** What clients of its certificates have to trust. */
  public X509Certificate authority() {
    return authority.certificate();
  }

  /** The same in PEM. */
  public String authorityPem() throws GeneralSecurityException {
    return Pem.of(authority.chain());
  }

  /** The entries of a Secret with a new key and its certificate, good for 90 days. */
  public Map<String, String> secret(List<String> names, Instant now)
      throws GeneralSecurityException {
    KeyAndChain pair = issue(names, now);
    return Map.of(
        "tls.key", Pem.of(pair.key()),
        "tls.crt", Pem.of(pair.chain()),
        "ca.crt", authorityPem());
  }

  /** A server's side of TLS with such a certificate. */
  public SSLContext serving(List<String> names, Instant now) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new ReloadingKeyManager(issue(names, now))}, null, null);
    return context;
  }

  KeyAndChain issue(List<String> names, Instant now) throws GeneralSecurityException {
    return maker.issue(authority, names, now);
  }

  CertificateSource.Offer offer(List<String> names, Instant now) throws GeneralSecurityException {
    return new CertificateSource.Offer(issue(names, now), List.of(authority()));
  }
}
