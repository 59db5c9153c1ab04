package dev.writ.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.operator.tls.CertificateSource.Offer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServedTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final Instant LATER = NOW.plus(AuthorityRotation.OVERLAP);
  private static final List<String> NAMES = List.of("writ-operator.writ-system.svc");

  private TestIssuer one;
  private TestIssuer other;
  private Offer first;
  private Served served;

  @BeforeEach
  void make() throws Exception {
    one = new TestIssuer(NOW);
    other = new TestIssuer(NOW);
    first = one.offer(NAMES, NOW);
    served = Served.first(first, NOW);
  }

  private Served next(Offer offer, Instant now) {
    return served.next(offer, NAMES, now);
  }

  @Test
  void theSameOfferChangesNothing() {
    assertThat(next(first, LATER)).isEqualTo(served);
  }

  @Test
  void aRenewalOfTheSameAuthorityIsServedAtOnce() throws Exception {
    // Given
    Offer renewal = one.offer(NAMES, NOW.plusSeconds(1));
    // When
    Served after = next(renewal, NOW.plusSeconds(2));
    // Then
    assertThat(after.pair()).isEqualTo(renewal.pair());
    assertThat(after.trusted()).containsExactly(one.authority());
  }

  @Test
  void anotherAuthorityIsTrustedThenServedThenAlone() throws Exception {
    // Given
    Offer foreign = other.offer(NAMES, NOW);
    // When it is offered first
    Instant offered = NOW.plus(Duration.ofDays(3));
    served = next(foreign, offered);
    // Then
    assertThat(served.pair()).isEqualTo(first.pair());
    assertThat(served.trusted()).containsExactly(one.authority(), other.authority());
    // And before everybody can have heard of it, nothing else happens
    Instant heard = offered.plus(AuthorityRotation.OVERLAP);
    assertThat(next(foreign, heard.minusMillis(1))).isEqualTo(served);
    // When
    served = next(foreign, heard);
    // Then
    assertThat(served.pair()).isEqualTo(foreign.pair());
    assertThat(served.trusted()).containsExactly(one.authority(), other.authority());
    assertThat(next(foreign, heard.plusSeconds(60))).isEqualTo(served);
    // When
    served = next(foreign, heard.plus(AuthorityRotation.OVERLAP));
    // Then
    assertThat(served.trusted()).containsExactly(other.authority());
    assertThat(served.pair()).isEqualTo(foreign.pair());
  }

  @Test
  void anAuthorityThatIsNamedInAdvanceIsServedWithoutWaitingAgain() throws Exception {
    // Given
    Offer both = new Offer(first.pair(), List.of(one.authority(), other.authority()));
    served = next(both, NOW);
    Offer foreign = other.offer(NAMES, NOW);
    // Then
    assertThat(next(foreign, LATER.minusMillis(1)).pair()).isEqualTo(first.pair());
    assertThat(next(foreign, LATER).pair()).isEqualTo(foreign.pair());
  }

  @Test
  void aThirdAuthorityMeanwhileBeginsTheWaitAnew() throws Exception {
    // Given
    served = next(other.offer(NAMES, NOW), NOW);
    Instant soon = NOW.plus(Duration.ofHours(23));
    Offer third = new TestIssuer(NOW).offer(NAMES, NOW);
    // When
    served = next(third, soon);
    // Then
    assertThat(served.trusted()).hasSize(3);
    assertThat(next(third, LATER).pair()).isEqualTo(first.pair());
    assertThat(next(third, soon.plus(AuthorityRotation.OVERLAP)).pair()).isEqualTo(third.pair());
  }

  @Test
  void whoThinksBetterOfItIsBackAtOnceAndTheOtherGoes() throws Exception {
    // Given
    served = next(other.offer(NAMES, NOW), NOW);
    Offer back = one.offer(NAMES, NOW.plusSeconds(1));
    // When
    served = next(back, NOW.plusSeconds(2));
    // Then
    assertThat(served.pair()).isEqualTo(back.pair());
    assertThat(next(back, LATER).trusted()).containsExactly(one.authority());
  }

  @Test
  void renewalsDoNotKeepAFormerAuthorityForEver() throws Exception {
    // Given
    Offer foreign = other.offer(NAMES, NOW);
    served = next(foreign, NOW);
    served = next(foreign, LATER);
    // When
    Instant renewed = LATER.plus(Duration.ofHours(20));
    Offer renewal = other.offer(NAMES, renewed);
    served = next(renewal, renewed);
    served = next(renewal, LATER.plus(AuthorityRotation.OVERLAP));
    // Then
    assertThat(served.trusted()).containsExactly(other.authority());
  }

  @Test
  void whatIsAboutToEndIsReplacedWithoutWaitingAndItsAuthorityStaysTrusted() throws Exception {
    // Given
    Instant end = first.pair().until();
    Offer foreign = other.offer(NAMES, end.minus(Duration.ofHours(1)));
    served = next(foreign, end.minus(Duration.ofMinutes(10)));
    assertThat(served.pair()).isEqualTo(first.pair());
    // When
    served = next(foreign, end.minus(Duration.ofMinutes(4)));
    // Then
    assertThat(served.pair()).isEqualTo(foreign.pair());
    assertThat(served.trusted()).contains(one.authority());
  }

  @Test
  void whatLacksANameIsReplacedWithoutWaiting() throws Exception {
    // Given
    List<String> names = List.of("another.svc");
    Offer foreign = other.offer(names, NOW);
    // When
    Served after = served.next(foreign, names, NOW.plusSeconds(1));
    // Then
    assertThat(after.pair()).isEqualTo(foreign.pair());
  }

  @Test
  void anAuthorityThatIsOverIsTrustedNoMore() throws Exception {
    // Given
    TestIssuer over = new TestIssuer(NOW.minus(Duration.ofDays(3_660)));
    served = new Served(first.pair(), List.of(over.authority(), one.authority()), NOW);
    // Then
    assertThat(next(first, NOW).trusted()).containsExactly(one.authority());
  }

  @Test
  void whatIsKeptIsReadAgain() throws Exception {
    // Given
    served = next(other.offer(NAMES, NOW), NOW.plusSeconds(3));
    // Then
    assertThat(Served.of(served.entries())).contains(served);
  }

  @ParameterizedTest
  @CsvSource({
    "tls.key,''",
    "tls.crt,''",
    "ca.crt,''",
    "changed,''",
    "changed,yesterday",
    "ca.crt,x",
    "tls.key,-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----"
  })
  void whatIsKeptAndBrokenIsNothing(String entry, String value) throws Exception {
    // Given
    Map<String, String> entries = new HashMap<>(served.entries());
    entries.put(entry, value);
    // Then
    assertThat(Served.of(entries)).isEmpty();
  }
}
