package dev.writ.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthorityRotationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final Duration TWO_THIRDS = Duration.ofDays(2_434);

  private final CertificateAuthority maker = new CertificateAuthority(new SecureRandom());
  private KeyAndChain first;
  private Map<String, String> stored;

  @BeforeEach
  void make() throws Exception {
    first = maker.create(NOW);
    stored = new HashMap<>();
    stored.put("tls.key", Pem.of(first.key()));
    stored.put("tls.crt", Pem.of(first.chain()));
    stored.put("ca.crt", Pem.of(first.chain()));
  }

  private Optional<Map<String, String>> step(Instant now) throws GeneralSecurityException {
    return AuthorityRotation.step(stored, maker, now);
  }

  private void take(Instant now) throws GeneralSecurityException {
    stored = step(now).orElseThrow();
  }

  private List<X509Certificate> trusted() throws GeneralSecurityException {
    return Pem.certificates(stored.get("ca.crt"));
  }

  @Test
  void anAuthorityThatIsYoungStays() throws Exception {
    assertThat(step(NOW.plus(Duration.ofDays(2_000)))).isEmpty();
  }

  @Test
  void byItselfAnAuthorityIsFollowedByAnotherThatIsTrustedBeforeItSignsAndAfter() throws Exception {
    // When two thirds of its life are over
    Instant due = NOW.plus(TWO_THIRDS);
    take(due);
    // Then the next is trusted and does not sign
    assertThat(trusted()).hasSize(2).first().isEqualTo(first.certificate());
    assertThat(stored.get("tls.crt")).isEqualTo(Pem.of(first.chain()));
    X509Certificate next = Pem.certificates(stored.get("next.crt")).getFirst();
    assertThat(trusted()).contains(next);
    assertThat(step(due.plus(Duration.ofHours(23)))).isEmpty();
    // And a day later it signs, and the former is trusted still
    Instant signs = due.plus(Duration.ofHours(24));
    take(signs);
    assertThat(stored).doesNotContainKeys("next.key", "next.crt");
    assertThat(KeyAndChain.parse(stored.get("tls.key"), stored.get("tls.crt")).certificate())
        .isEqualTo(next);
    assertThat(trusted()).containsExactly(next, first.certificate());
    assertThat(step(signs.plus(Duration.ofHours(23)))).isEmpty();
    // And after another day it is alone, and it is over
    take(signs.plus(Duration.ofHours(24)));
    assertThat(trusted()).containsExactly(next);
    assertThat(stored).containsOnlyKeys("tls.key", "tls.crt", "ca.crt");
    assertThat(step(signs.plus(Duration.ofDays(2)))).isEmpty();
  }

  @Test
  void whoAsksForTheNextGetsItOnce() throws Exception {
    // Given
    stored.put("rotate", "please");
    // When
    take(NOW);
    // Then
    assertThat(stored).containsKey("next.crt").doesNotContainKey("rotate");
    assertThat(step(NOW.plusSeconds(60))).isEmpty();
  }

  @Test
  void whoAsksWhileItHappensAsksForTheOneAfter() throws Exception {
    // Given
    stored.put("rotate", "1");
    take(NOW);
    stored.put("rotate", "2");
    // When
    take(NOW.plus(AuthorityRotation.OVERLAP));
    take(NOW.plus(AuthorityRotation.OVERLAP).plusSeconds(10));
    // Then the first is trusted still: the day after its last signature is not over
    assertThat(trusted()).hasSize(3).contains(first.certificate());
  }

  @Test
  void anAuthorityThatSomebodyAddedByHandIsNotTakenAway() throws Exception {
    // Given
    stored.merge("ca.crt", Pem.of(maker.create(NOW).chain()), String::concat);
    // Then
    assertThat(step(NOW.plus(Duration.ofDays(30)))).isEmpty();
  }

  @Test
  void whatIsNotReadIsNamedAndChangesNothing() {
    // Given
    stored.put("next.crt", "x");
    stored.put("next.key", "y");
    stored.put("changed", "yesterday");
    // Then
    assertThatThrownBy(() -> step(NOW))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("changed");
  }
}
