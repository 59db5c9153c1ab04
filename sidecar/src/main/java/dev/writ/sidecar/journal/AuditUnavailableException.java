package dev.writ.sidecar.journal;

/**
 * A record could not be journalled, so the call must not go on. (architecture.md, Processes and
 * failure policy)
 */
public final class AuditUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  AuditUnavailableException(String message) {
    super(message);
  }

  AuditUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
