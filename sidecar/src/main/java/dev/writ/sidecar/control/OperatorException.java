package dev.writ.sidecar.control;

/**
 * The operator could not be asked, or refused. The message is fit for a log and never holds a
 * token.
 */
final class OperatorException extends Exception {
  private static final long serialVersionUID = 1L;

  OperatorException(String message) {
    super(message);
  }

  OperatorException(String message, Throwable cause) {
    super(message, cause);
  }
}
