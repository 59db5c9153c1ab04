package dev.writ.operator.tls;

import dev.writ.operator.cluster.SecretStore;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's own authority in Secret {@code writ-ca}, made when it is missing and replaced in
 * the steps that {@link AuthorityRotation} knows.
 */
final class OwnAuthority implements CertificateSource {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAuthority.class);
  private static final String SECRET = ServingCertificate.AUTHORITY_SECRET;

  private final SecretStore secrets;
  private final ServingNames names;
  private final CertificateAuthority maker;

  OwnAuthority(SecretStore secrets, ServingNames names, CertificateAuthority maker) {
    this.secrets = secrets;
    this.names = names;
    this.maker = maker;
  }

  @Override
  public Offer offer(Optional<KeyAndChain> served, Instant now) throws GeneralSecurityException {
    Optional<Map<String, String>> present = secrets.load(SECRET);
    Map<String, String> stored = present.isPresent() ? present.get() : create(now);
    try {
      Optional<Map<String, String>> step = AuthorityRotation.step(stored, maker, now);
      // Where another replica or an administrator was faster, the next look goes on from there.
      if (step.isPresent() && secrets.swap(SECRET, stored, step.get())) {
        stored = step.get();
        LOG.atInfo().log("The authority of our certificates is one step further");
      }
      KeyAndChain authority =
          KeyAndChain.parse(
              stored.getOrDefault(AuthorityRotation.KEY, ""),
              stored.getOrDefault(AuthorityRotation.CERTIFICATE, ""));
      List<X509Certificate> trusted =
          union(authority.certificate(), stored.getOrDefault(AuthorityRotation.BUNDLE, ""));
      Optional<KeyAndChain> good = served.filter(pair -> good(pair, authority, now));
      return new Offer(
          good.isPresent() ? good.get() : maker.issue(authority, names.all(), now), trusted);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(
          "couldn't read Secret " + SECRET + ": " + e.getMessage(), e);
    }
  }

  /** One that is due or lacks a name is made anew. */
  private boolean good(KeyAndChain pair, KeyAndChain authority, Instant now) {
    return pair.missing(names.all()).isEmpty()
        && pair.issuedBy(authority.certificate())
        && !pair.dueForRenewal(now);
  }

  private Map<String, String> create(Instant now) throws GeneralSecurityException {
    KeyAndChain made = maker.create(now);
    String certificate = Pem.of(made.chain());
    return secrets.loadOrCreate(
        SECRET,
        () ->
            Map.of(
                AuthorityRotation.KEY, Pem.of(made.key()),
                AuthorityRotation.CERTIFICATE, certificate,
                AuthorityRotation.BUNDLE, certificate));
  }

  private static List<X509Certificate> union(X509Certificate authority, String bundle)
      throws GeneralSecurityException {
    List<X509Certificate> all = new ArrayList<>(List.of(authority));
    if (!bundle.isBlank()) {
      all.addAll(Pem.certificates(bundle));
    }
    return all.stream().distinct().toList();
  }
}
