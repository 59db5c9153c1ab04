package dev.writ.operator.keys;

/** A private half can't be used now: its token is away, or holds no such key. Holds no secret. */
public final class KeyUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says which key and what to do. */
  public KeyUnavailableException(String message) {
    super(message);
  }

  /** Says which key and what to do. */
  public KeyUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
