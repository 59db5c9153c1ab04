package dev.writ.sidecar.control;

/**
 * Which of the operator's changes are in force here. What is reported makes a capability {@code
 * Programmed}, so it must never be ahead of the truth. Thread-safe.
 */
final class Epochs {
  private long highest;
  private long enrolled;
  private long reported;

  /** Epochs of refreshes that no enrolment has answered yet lie between these; 0 for none. */
  private long firstOwed;

  private long lastOwed;

  /** The operator wants this pod to enrol again for that epoch. */
  synchronized void refreshAsked(long epoch) {
    if (epoch <= enrolled) {
      return;
    }
    firstOwed = firstOwed == 0 ? epoch : Math.min(firstOwed, epoch);
    lastOwed = Math.max(lastOwed, epoch);
  }

  /** An enrolment's answer is in force. */
  synchronized void enrolled(long epoch) {
    enrolled = Math.max(enrolled, epoch);
    highest = Math.max(highest, epoch);
    if (enrolled >= lastOwed) {
      firstOwed = 0;
      lastOwed = 0;
    } else {
      firstOwed = Math.max(firstOwed, enrolled + 1);
    }
  }

  /** A revocation list is in force. */
  synchronized void revoked(long epoch) {
    highest = Math.max(highest, epoch);
  }

  /** Whether an enrolment is still owed. */
  synchronized boolean owesEnrolment() {
    return lastOwed > 0;
  }

  /**
   * The highest epoch up to which everything is in force; never falls. 0 before the first
   * enrolment.
   */
  synchronized long applied() {
    if (enrolled > 0) {
      reported = Math.max(reported, firstOwed > 0 ? Math.min(highest, firstOwed - 1) : highest);
    }
    return reported;
  }
}
