package dev.writ.operator.tls;

import dev.writ.operator.cluster.SecretStore;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that the Control API and the webhook are served with, renewed without a restart.
 * (injection.md, TLS)
 *
 * <p>The authority is replaced in the same way, in steps that {@link AuthorityRotation} knows.
 */
public final class ServingCertificate {
  private static final Logger LOG = LoggerFactory.getLogger(ServingCertificate.class);

  /**
   * Secret of the authority: {@code tls.key}, {@code tls.crt}, and {@code ca.crt} with all
   * authorities to trust.
   */
  public static final String AUTHORITY_SECRET = "writ-ca";

  /** Secret of the serving certificate: {@code tls.key}, {@code tls.crt}. */
  public static final String SERVING_SECRET = "writ-serving-cert";

  private static final String KEY = AuthorityRotation.KEY;
  private static final String CERTIFICATE = AuthorityRotation.CERTIFICATE;
  private static final String BUNDLE = AuthorityRotation.BUNDLE;

  private final SecretStore secrets;
  private final List<String> names;
  private final Clock clock;
  private final CertificateAuthority maker;
  private final ReloadingKeyManager keyManager;
  private volatile String bundle;

  private ServingCertificate(
      SecretStore secrets,
      List<String> names,
      Clock clock,
      CertificateAuthority maker,
      Loaded loaded) {
    this.secrets = secrets;
    this.names = names;
    this.clock = clock;
    this.maker = maker;
    keyManager = new ReloadingKeyManager(loaded.serving());
    bundle = loaded.bundle();
  }

  private record Loaded(KeyAndChain serving, String bundle) {}

  /**
   * Reads both Secrets, making what is missing.
   *
   * @param names what clients call the operator by: DNS names and addresses
   * @throws GeneralSecurityException if a Secret holds something else than a key and its
   *     certificate
   */
  public static ServingCertificate open(
      SecretStore secrets, List<String> names, SecureRandom random, Clock clock)
      throws GeneralSecurityException {
    CertificateAuthority maker = new CertificateAuthority(random);
    return new ServingCertificate(
        secrets, List.copyOf(names), clock, maker, load(secrets, names, maker, clock));
  }

  /**
   * Takes over what changed in the Secrets and renews what is due. On failure the present
   * certificate stays in use.
   *
   * @return whether {@link #authorities()} changed
   */
  public synchronized boolean refresh() throws GeneralSecurityException {
    Loaded loaded = load(secrets, names, maker, clock);
    if (!loaded.serving().certificate().equals(keyManager.current().certificate())) {
      keyManager.use(loaded.serving());
    }
    boolean changed = !loaded.bundle().equals(bundle);
    bundle = loaded.bundle();
    return changed;
  }

  /** The authorities that clients have to trust, PEM. */
  public String authorities() {
    return bundle;
  }

  /** TLS 1.2 and 1.3; whatever {@link #refresh} loads later is served to new connections. */
  public SSLContext sslContext() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {keyManager}, null, null);
    return context;
  }

  private static Loaded load(
      SecretStore secrets, List<String> names, CertificateAuthority maker, Clock clock)
      throws GeneralSecurityException {
    KeyAndChain made = maker.create(clock.instant());
    Map<String, String> stored = secrets.loadOrCreate(AUTHORITY_SECRET, authoritySecret(made));
    Optional<Map<String, String>> step = step(stored, maker, clock);
    // Where another replica or an administrator was faster, the next look goes on from there.
    if (step.isPresent() && secrets.swap(AUTHORITY_SECRET, stored, step.get())) {
      stored = step.get();
      LOG.atInfo().log("The authority of our certificates is one step further");
    }
    KeyAndChain authority = parse(AUTHORITY_SECRET, stored);
    String bundle = Pem.of(union(authority.certificate(), stored.getOrDefault(BUNDLE, "")));
    Optional<KeyAndChain> usable = usable(secrets.load(SERVING_SECRET), authority, names, clock);
    if (usable.isPresent()) {
      return new Loaded(usable.get(), bundle);
    }
    KeyAndChain serving = maker.issue(authority, names, clock.instant());
    secrets.replace(
        SERVING_SECRET, Map.of(KEY, Pem.of(serving.key()), CERTIFICATE, Pem.of(serving.chain())));
    return new Loaded(serving, bundle);
  }

  private static Optional<Map<String, String>> step(
      Map<String, String> stored, CertificateAuthority maker, Clock clock)
      throws GeneralSecurityException {
    try {
      return AuthorityRotation.step(stored, maker, clock.instant());
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(
          "couldn't read Secret " + AUTHORITY_SECRET + ": " + e.getMessage(), e);
    }
  }

  private static Supplier<Map<String, String>> authoritySecret(KeyAndChain made)
      throws GeneralSecurityException {
    String certificate = Pem.of(made.chain());
    return () -> Map.of(KEY, Pem.of(made.key()), CERTIFICATE, certificate, BUNDLE, certificate);
  }

  /**
   * A serving certificate that is broken, due, or lacks a name is not an error: it is made anew.
   */
  private static Optional<KeyAndChain> usable(
      Optional<Map<String, String>> stored,
      KeyAndChain authority,
      List<String> names,
      Clock clock) {
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    try {
      KeyAndChain serving = parse(SERVING_SECRET, stored.get());
      boolean good =
          serving.covers(names)
              && serving.issuedBy(authority.certificate())
              && !serving.dueForRenewal(clock.instant());
      return good ? Optional.of(serving) : Optional.empty();
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private static KeyAndChain parse(String secret, Map<String, String> values)
      throws GeneralSecurityException {
    try {
      return KeyAndChain.parse(values.getOrDefault(KEY, ""), values.getOrDefault(CERTIFICATE, ""));
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(
          "couldn't read Secret " + secret + ": " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> union(X509Certificate authority, String bundle)
      throws GeneralSecurityException {
    List<X509Certificate> all = new ArrayList<>(List.of(authority));
    if (!bundle.isBlank()) {
      for (X509Certificate certificate : Pem.certificates(bundle)) {
        if (!all.contains(certificate)) {
          all.add(certificate);
        }
      }
    }
    return all;
  }
}
