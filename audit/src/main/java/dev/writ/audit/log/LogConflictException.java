package dev.writ.audit.log;

import java.io.IOException;
import java.io.Serial;

/**
 * Another writer went ahead, so nothing was appended; trying again starts from where that one is.
 */
public final class LogConflictException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  LogConflictException(String message) {
    super(message);
  }
}
