package dev.writ.operator.control;

/**
 * A request that is answered by a problem document; the detail says what to do about it and holds
 * no secret.
 */
final class ControlException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ControlError error;

  ControlException(ControlError error, String detail) {
    super(detail, null, false, false);
    this.error = error;
  }

  ControlError error() {
    return error;
  }
}
