package dev.writ.operator.tls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One authority after the other, from what the Secret {@code writ-ca} holds and the time alone: the
 * next is trusted everywhere before it signs, the former is trusted until everybody has seen what
 * the next signed. Without state of its own: replicas that step at once write the same, or a next
 * authority that nobody has used yet. (injection.md, TLS)
 */
final class AuthorityRotation {
  /** How long every reader of the trust has to take it over; a mounted copy takes two minutes. */
  static final Duration OVERLAP = Duration.ofHours(24);

  static final String KEY = "tls.key";
  static final String CERTIFICATE = "tls.crt";
  static final String BUNDLE = "ca.crt";
  static final String NEXT_KEY = "next.key";
  static final String NEXT_CERTIFICATE = "next.crt";

  /** When the last step was taken, RFC 3339. */
  static final String CHANGED = "changed";

  /** Whatever it holds: an administrator asks for the next authority. */
  static final String ROTATE = "rotate";

  private AuthorityRotation() {}

  /**
   * The step that is due.
   *
   * @param stored entries of the Secret
   * @return all entries after it; empty when none is due
   * @throws GeneralSecurityException when an entry is not what its name says
   */
  static Optional<Map<String, String>> step(
      Map<String, String> stored, CertificateAuthority maker, Instant now)
      throws GeneralSecurityException {
    KeyAndChain present = KeyAndChain.parse(entry(stored, KEY), entry(stored, CERTIFICATE));
    boolean waited = stored.containsKey(CHANGED) && !now.isBefore(changed(stored).plus(OVERLAP));
    Map<String, String> after = new HashMap<>(stored);
    after.put(CHANGED, now.toString());
    if (stored.containsKey(NEXT_CERTIFICATE)) {
      if (!waited) {
        return Optional.empty();
      }
      KeyAndChain next =
          KeyAndChain.parse(entry(stored, NEXT_KEY), entry(stored, NEXT_CERTIFICATE));
      after.put(KEY, Pem.of(next.key()));
      after.put(CERTIFICATE, Pem.of(next.chain()));
      after.put(BUNDLE, bundle(next, List.of(present.certificate())));
      after.remove(NEXT_KEY);
      after.remove(NEXT_CERTIFICATE);
      return Optional.of(after);
    }
    if (stored.containsKey(ROTATE) || present.dueForRenewal(now)) {
      KeyAndChain next = maker.create(now);
      List<X509Certificate> others = new ArrayList<>(trusted(stored));
      others.add(next.certificate());
      after.put(NEXT_KEY, Pem.of(next.key()));
      after.put(NEXT_CERTIFICATE, Pem.of(next.chain()));
      after.put(BUNDLE, bundle(present, others));
      after.remove(ROTATE);
      return Optional.of(after);
    }
    if (waited) {
      after.put(BUNDLE, bundle(present, List.of()));
      after.remove(CHANGED);
      return Optional.of(after);
    }
    return Optional.empty();
  }

  private static List<X509Certificate> trusted(Map<String, String> stored)
      throws GeneralSecurityException {
    String pem = entry(stored, BUNDLE);
    return pem.isBlank() ? List.of() : Pem.certificates(pem);
  }

  private static String bundle(KeyAndChain first, List<X509Certificate> others)
      throws GeneralSecurityException {
    List<X509Certificate> all = new ArrayList<>(List.of(first.certificate()));
    others.stream().filter(one -> !all.contains(one)).forEach(all::add);
    return Pem.of(all);
  }

  private static Instant changed(Map<String, String> stored) throws GeneralSecurityException {
    try {
      return Instant.parse(entry(stored, CHANGED).strip());
    } catch (DateTimeException e) {
      throw new GeneralSecurityException(
          "entry changed is no time as 2026-11-01T00:00:00Z; remove it", e);
    }
  }

  private static String entry(Map<String, String> stored, String name) {
    return stored.getOrDefault(name, "");
  }
}
