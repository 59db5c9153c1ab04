package dev.writ.audit;

import java.io.Serial;

/**
 * A line that cannot be the next record of its boot; the message names the record and the reason.
 */
public final class BrokenChainException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  BrokenChainException(String message) {
    super(message);
  }

  BrokenChainException(String message, Throwable cause) {
    super(message, cause);
  }
}
