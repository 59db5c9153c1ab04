package dev.writ.contract;

/**
 * Bytes that are not what they should be: a document, a key, a JSON text. The message says what is
 * wrong and where, and never contains a secret.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Carries no stack trace: it is thrown for hostile input, at its rate. */
  public MalformedException(String message) {
    super(message, null, false, false);
  }
}
