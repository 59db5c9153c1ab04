package dev.writ.sidecar;

/**
 * Something outside the configuration keeps the sidecar from starting: a port, a file, the state
 * directory. One line for a human.
 */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Says what could not be done and why.
   *
   * @param message {@code couldn't <verb> <what>: <cause>}
   */
  public StartException(String message) {
    super(message);
  }

  /**
   * The same, keeping what caused it.
   *
   * @param message {@code couldn't <verb> <what>: <cause>}
   */
  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
