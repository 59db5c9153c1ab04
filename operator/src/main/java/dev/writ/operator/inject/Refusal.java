package dev.writ.operator.inject;

/**
 * A pod that must not be created as it is; ends the look at it. The message says what to change.
 */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  Refusal(String message) {
    super(message, null, false, false);
  }
}
