package dev.writ.operator.tls;

import dev.writ.operator.cluster.SecretStore;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the Control API and the webhook are served with, replaced without a restart
 * and with overlap, whoever issues it: the operator's own authority, or somebody who keeps a Secret
 * for it. (injection.md, TLS)
 */
public final class ServingCertificate {
  private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);

  /**
   * Secret of our own authority: {@code tls.key}, {@code tls.crt}, and {@code ca.crt} with all
   * authorities to trust.
   */
  public static final String AUTHORITY_SECRET = "writ-ca";

  /**
   * Secret of what is served: {@code tls.key}, {@code tls.crt}, {@code ca.crt} with all authorities
   * to trust, and {@code changed}, since when that is so.
   */
  public static final String SERVING_SECRET = "writ-serving-cert";

  /** Other replicas do the same at the same time; each try of theirs that wins is one lost here. */
  private static final int TRIES = 10;

  private final SecretStore secrets;
  private final CertificateSource source;
  private final List<String> called;
  private final Clock clock;
  private final ReloadingKeyManager keyManager;
  private volatile Served served;
  private volatile String authorities;

  private ServingCertificate(
      SecretStore secrets, CertificateSource source, List<String> called, Clock clock)
      throws GeneralSecurityException {
    this.secrets = secrets;
    this.source = source;
    this.called = called;
    this.clock = clock;
    served = opened();
    authorities = Pem.of(served.trusted());
    keyManager = new ReloadingKeyManager(served.pair());
  }

  /**
   * Issued by the operator's own authority; makes what is missing.
   *
   * @throws GeneralSecurityException if a Secret holds something else than a key and its
   *     certificate
   */
  public static ServingCertificate own(
      SecretStore secrets, ServingNames names, SecureRandom random, Clock clock)
      throws GeneralSecurityException {
    CertificateAuthority maker = new CertificateAuthority(random);
    return new ServingCertificate(
        secrets, new OwnAuthority(secrets, names, maker), names.called(), clock);
  }

  /**
   * Issued by somebody who keeps a Secret of the operator's namespace, as cert-manager does; that
   * one is never written.
   *
   * @throws GeneralSecurityException if there is nothing to serve: that Secret can't be used, and
   *     no certificate from before can be
   */
  public static ServingCertificate issued(
      SecretStore secrets, String secret, ServingNames names, Clock clock)
      throws GeneralSecurityException {
    return new ServingCertificate(
        secrets, new IssuedSecret(secrets, secret, names), names.called(), clock);
  }

  /**
   * Takes over what changed in the Secrets and does what is due. On failure the present certificate
   * stays in use.
   *
   * @return whether {@link #authorities()} changed
   */
  public synchronized boolean refresh() throws GeneralSecurityException {
    Served next = look();
    boolean changed = !next.trusted().equals(served.trusted());
    authorities = Pem.of(next.trusted());
    if (!next.pair().certificate().equals(keyManager.current().certificate())) {
      keyManager.use(next.pair());
      LOG.atInfo().addKeyValue("until", next.pair().until()).log("Another certificate is served");
    }
    served = next;
    return changed;
  }

  /** The authorities that clients have to trust, PEM. */
  public String authorities() {
    return authorities;
  }

  /** The end of what is served. */
  public Instant until() {
    return served.pair().until();
  }

  /** TLS 1.2 and 1.3; whatever {@link #refresh} loads later is served to new connections. */
  public SSLContext sslContext() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {keyManager}, null, null);
    return context;
  }

  /** A source that fails does not keep back a replica that has something to serve. */
  private Served opened() throws GeneralSecurityException {
    try {
      return look();
    } catch (GeneralSecurityException e) {
      Served former =
          secrets
              .load(SERVING_SECRET)
              .flatMap(Served::of)
              .filter(kept -> kept.usable(called, clock.instant()))
              .orElseThrow(() -> e);
      LOG.atError()
          .addKeyValue("cause", e.getMessage())
          .log("couldn't renew the serving certificate; the one from before is served");
      return former;
    }
  }

  /** Compare-and-swap: what is served here is what is kept for all. */
  private Served look() throws GeneralSecurityException {
    for (int tried = 0; tried < TRIES; tried++) {
      Optional<Map<String, String>> stored = secrets.load(SERVING_SECRET);
      Optional<Served> kept = stored.flatMap(Served::of);
      Instant now = clock.instant();
      CertificateSource.Offer offer = source.offer(kept.map(Served::pair), now);
      Served next =
          kept.isPresent() ? kept.get().next(offer, called, now) : Served.first(offer, now);
      if (kept.isPresent() && kept.get().equals(next)) {
        return next;
      }
      Map<String, String> entries = next.entries();
      boolean done =
          stored.isPresent()
              ? secrets.swap(SERVING_SECRET, stored.get(), entries)
              : secrets.loadOrCreate(SERVING_SECRET, () -> entries).equals(entries);
      if (done) {
        return next;
      }
    }
    throw new GeneralSecurityException(
        "Secret " + SERVING_SECRET + " changes all the time; it is the operator's alone");
  }
}
