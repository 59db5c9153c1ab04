package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is served and who is trusted. An authority is trusted everywhere before a certificate of it
 * is served, and until everybody has seen its successor's. All replicas share it, so that one that
 * starts meanwhile serves what the others do. (injection.md, TLS)
 *
 * @param pair key and certificate that are served
 * @param trusted all authorities that clients are told to trust, each once, at least one
 * @param changed when the last authority came to the trusted, or another's certificate was served
 */
record Served(KeyAndChain pair, List<X509Certificate> trusted, Instant changed) {
  private static final Duration OVERLAP = AuthorityRotation.OVERLAP;

  /** What is over so soon is replaced without waiting: nobody would accept it any more. */
  private static final Duration MARGIN = Duration.ofMinutes(5);

  Served {
    trusted = List.copyOf(trusted);
    if (trusted.isEmpty()) {
      throw new IllegalArgumentException("trusted is empty");
    }
  }

  /** What begins with an offer when nothing was served before. */
  static Served first(CertificateSource.Offer offer, Instant now) {
    return new Served(offer.pair(), offer.authorities(), now);
  }

  /**
   * What an offer makes of it; its equal when nothing is to be done now.
   *
   * @param called what every certificate has to name
   */
  Served next(CertificateSource.Offer offer, List<String> called, Instant now) {
    List<X509Certificate> all =
        Stream.concat(trusted.stream().filter(one -> lives(one, now)), offer.authorities().stream())
            .distinct()
            .toList();
    if (!usable(called, now)) {
      return new Served(offer.pair(), all, now);
    }
    if (!trusted.containsAll(offer.authorities())) {
      return new Served(pair, all, now);
    }
    if (pair.certificate().equals(offer.pair().certificate())) {
      return new Served(pair, waited(now) ? offer.authorities() : all, changed);
    }
    if (renews(offer.pair(), now)) {
      return new Served(offer.pair(), all, changed);
    }
    return waited(now) ? new Served(offer.pair(), all, now) : new Served(pair, all, changed);
  }

  private static boolean lives(X509Certificate authority, Instant now) {
    return now.isBefore(authority.getNotAfter().toInstant());
  }

  /** Whether clients accept it, for some minutes to come. */
  boolean usable(List<String> called, Instant now) {
    return pair.missing(called).isEmpty()
        && pair.servesTls()
        && pair.trustedBy(trusted, now.plus(MARGIN));
  }

  private boolean waited(Instant now) {
    return !now.isBefore(changed.plus(OVERLAP));
  }

  /** One authority vouches for both: who accepts the one accepts the other. */
  private boolean renews(KeyAndChain other, Instant now) {
    return trusted.stream()
        .map(List::of)
        .anyMatch(one -> pair.trustedBy(one, now) && other.trustedBy(one, now));
  }

  /** As it is kept. */
  Map<String, String> entries() throws GeneralSecurityException {
    return Map.of(
        AuthorityRotation.KEY, Pem.of(pair.key()),
        AuthorityRotation.CERTIFICATE, Pem.of(pair.chain()),
        AuthorityRotation.BUNDLE, Pem.of(trusted),
        AuthorityRotation.CHANGED, changed.toString());
  }

  /** What was kept; empty where that is broken, for it can be begun anew at any time. */
  static Optional<Served> of(Map<String, String> entries) {
    try {
      return Optional.of(
          new Served(
              KeyAndChain.parse(
                  entries.getOrDefault(AuthorityRotation.KEY, ""),
                  entries.getOrDefault(AuthorityRotation.CERTIFICATE, "")),
              Pem.certificates(entries.getOrDefault(AuthorityRotation.BUNDLE, "")).stream()
                  .distinct()
                  .toList(),
              Instant.parse(entries.getOrDefault(AuthorityRotation.CHANGED, "").strip())));
    } catch (GeneralSecurityException | DateTimeException e) {
      return Optional.empty();
    }
  }
}
