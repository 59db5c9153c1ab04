package dev.writ.sidecar.scan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void whatNobodyAnswersIsBoundedInAnySecond() {
    // Given
    Pace pace = new Pace(500, 0);
    int begun = 0;
    // When
    for (long now = 0; now < 10 * SECOND; now += SECOND / 1_000) {
      while (pace.take(now)) {
        begun++;
      }
    }
    // Then: the rate, and what it may begin with
    assertThat(begun).isBetween(4_990, 5_050);
  }

  @Test
  void whatIsAnsweredMayGoTenTimesAsFast() {
    // Given
    Pace pace = new Pace(500, 0);
    int begun = 0;
    // When
    for (long now = 0; now < 10 * SECOND; now += SECOND / 1_000) {
      while (pace.take(now)) {
        begun++;
        pace.answered();
      }
    }
    // Then
    assertThat(begun).isBetween(49_000, 50_600);
  }

  @Test
  void aThreadThatDidNotRunDoesNotCatchUpAtOnce() {
    // Given
    Pace pace = new Pace(500, 0);
    while (pace.take(0)) {
      // Takes all.
    }
    int begun = 0;
    // When
    while (pace.take(60 * SECOND)) {
      begun++;
    }
    // Then
    assertThat(begun).isEqualTo(50);
  }
}
