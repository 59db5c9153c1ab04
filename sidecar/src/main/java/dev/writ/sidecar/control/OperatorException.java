package dev.writ.sidecar.control;

/**
 * The operator could not be asked, or refused. The message is fit for a log and never holds a
 * token.
 */
class OperatorException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean answered;

  OperatorException(String message) {
    this(message, false);
  }

  /** {@code answered}: the operator is there and said no. */
  OperatorException(String message, boolean answered) {
    super(message);
    this.answered = answered;
  }

  OperatorException(String message, Throwable cause) {
    super(message, cause);
    this.answered = false;
  }

  /** Whether the operator is there and said no. */
  boolean answered() {
    return answered;
  }
}
