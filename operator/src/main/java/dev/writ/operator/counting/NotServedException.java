package dev.writ.operator.counting;

/** A ledger could not serve a request; nothing was granted. */
final class NotServedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why, as gates and metrics tell it apart. */
  enum Cause {
    /** The CallLedger could not be read or written. */
    API_SERVER("api-server"),
    /** What was done could not be logged. */
    LOG("log"),
    /** The CallLedger says less than the log, until an administrator accepts. */
    BEHIND("behind-log"),
    /** Others changed it again and again. */
    CONTENTION("contention");

    private final String word;

    Cause(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private final Cause reason;

  NotServedException(Cause reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  NotServedException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  Cause reason() {
    return reason;
  }
}
