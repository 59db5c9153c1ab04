package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogKeysTest {
  private final PrivateKey current = PrivateKey.generate();
  private final PrivateKey old = PrivateKey.generate();

  private Map<String, String> secret() {
    return new HashMap<>(Map.of("origin", "writ.dev/log/x", "current.jwk", current.toJwk()));
  }

  @Test
  void theCurrentKeySignsFirstAndOtherPrivateOnesBesideIt() throws MalformedException {
    // Given
    Map<String, String> secret = secret();
    secret.put("a.jwk", old.toJwk());
    // When
    LogKeys keys = LogKeys.parse(secret);
    // Then
    assertThat(keys.current().key()).isEqualTo(current.publicKey());
    assertThat(keys.signers()).hasSize(2);
    assertThat(keys.retired()).isEmpty();
    assertThat(keys.trusted()).hasSize(2);
  }

  @Test
  void aKeyWithoutItsPrivateHalfSignsNoMoreAndIsStillTrusted() throws MalformedException {
    // Given
    Map<String, String> secret = secret();
    secret.put("a.jwk", old.publicKey().toJwk());
    // When
    LogKeys keys = LogKeys.parse(secret);
    // Then
    assertThat(keys.signers()).hasSize(1);
    assertThat(keys.retired()).hasSize(1);
  }

  @Test
  void whatIsWrongIsNamedWithoutWhatItHolds() {
    for (Map.Entry<String, String> bad :
        Map.of("current.jwk", "s3cret", "b.jwk", "\"d\" s3cret", "origin", "with space s3cret")
            .entrySet()) {
      Map<String, String> secret = secret();
      secret.put(bad.getKey(), bad.getValue());
      assertThatThrownBy(() -> LogKeys.parse(secret))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("writ-log-key")
          .hasMessageNotContaining("s3cret");
    }
    assertThatThrownBy(() -> LogKeys.parse(Map.of())).hasMessageContaining("origin");
  }

  @Test
  void aKeyThatIsAsOldAsItMayBecomeIsFollowedByAnother() throws MalformedException {
    // Given: a key whose age nobody wrote down
    Instant first = Instant.parse("2026-01-31T00:00:00Z");
    Duration year = Duration.ofDays(365);
    Map<String, String> begun = LogKeys.aged(secret(), year, first);
    assertThat(LogKeys.parse(begun).isSameAs(LogKeys.parse(secret()))).isTrue();
    // When
    Map<String, String> young = LogKeys.aged(begun, year, first.plus(year).minusSeconds(1));
    Map<String, String> rotated = LogKeys.aged(begun, year, first.plus(year));
    // Then
    assertThat(young).isEqualTo(begun);
    LogKeys keys = LogKeys.parse(rotated);
    assertThat(keys.current().key()).isNotEqualTo(current.publicKey());
    assertThat(keys.signers()).hasSize(2);
    assertThat(LogKeys.aged(rotated, year, first.plus(year))).isEqualTo(rotated);
    // And
    begun.put("since", "yesterday");
    assertThatThrownBy(() -> LogKeys.aged(begun, year, first)).hasMessageContaining("entry since");
  }

  @Test
  void nothingOfAPrivateKeyIsPrinted() throws MalformedException {
    Map<String, String> secret = secret();
    secret.put("a.jwk", old.toJwk());
    LogKeys keys = LogKeys.parse(secret);
    for (PrivateKey key : new PrivateKey[] {current, old}) {
      String d = key.toJwk().replaceAll(".*\"d\":\"([^\"]+)\".*", "$1");
      assertThat(keys + " " + keys.signers()).doesNotContain(d);
    }
  }
}
