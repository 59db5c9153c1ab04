package dev.writ.sidecar.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EpochsTest {
  private final Epochs epochs = new Epochs();

  @Test
  void nothingIsAppliedBeforeTheFirstEnrolment() {
    epochs.revoked(5);

    assertThat(epochs.applied()).isZero();
  }

  @Test
  void aListBeyondAnOwedRefreshIsNotReported() {
    // Given
    epochs.enrolled(10);

    // When
    epochs.refreshAsked(12);
    epochs.revoked(14);

    // Then
    assertThat(epochs.owesEnrolment()).isTrue();
    assertThat(epochs.applied()).isEqualTo(11);
    epochs.enrolled(14);
    assertThat(epochs.applied()).isEqualTo(14);
    assertThat(epochs.owesEnrolment()).isFalse();
  }

  @Test
  void anAnswerOlderThanTheRefreshStillOwes() {
    // Given
    epochs.enrolled(10);
    epochs.refreshAsked(12);
    epochs.refreshAsked(20);
    epochs.revoked(20);

    // When
    epochs.enrolled(12);

    // Then
    assertThat(epochs.owesEnrolment()).isTrue();
    assertThat(epochs.applied()).isEqualTo(12);
  }

  @Test
  void aRefreshAlreadyAnsweredOwesNothing() {
    epochs.enrolled(10);
    epochs.refreshAsked(10);

    assertThat(epochs.owesEnrolment()).isFalse();
  }

  @Test
  void whatWasReportedIsNotTakenBack() {
    epochs.enrolled(10);
    epochs.revoked(15);
    assertThat(epochs.applied()).isEqualTo(15);

    epochs.refreshAsked(12);

    assertThat(epochs.applied()).isEqualTo(15);
  }
}
