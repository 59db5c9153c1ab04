package dev.writ.audit.verify;

/**
 * One thing that is wrong with a log.
 *
 * @param from index of the first entry that it concerns, -1 when it concerns none in particular
 * @param to index after the last one
 * @param message what is wrong, for people
 */
public record Finding(Kind kind, long from, long to, String message) {
  private static final int SHOWN = 400;

  public Finding {
    // Records say what callers sent: nothing of that reaches a terminal as it is.
    message = Printable.of(message, SHOWN);
  }

  /** What kind of thing. */
  public enum Kind {
    /** The checkpoint is not signed by the log, or not one. */
    CHECKPOINT,
    /** Entries or tiles do not lead to the signed root. */
    TREE,
    /**
     * An older checkpoint, one that a witness or the auditor saw, is not the beginning of this log.
     */
    REWRITTEN,
    /** Fewer witnesses than asked for. */
    UNWITNESSED,
    /** An entry is no record, or not the one that follows in its boot. */
    RECORD,
    /** Records of a boot are missing. */
    MISSING,
    /** More was counted than the limit allows, or than was granted. */
    LIMIT,
    /** What the ledger granted, took back and settled does not add up. */
    LEDGER
  }

  static Finding at(Kind kind, long index, String message) {
    return new Finding(kind, index, index + 1, message);
  }

  static Finding range(Kind kind, long from, long to, String message) {
    return new Finding(kind, from, to, message);
  }

  static Finding whole(Kind kind, String message) {
    return new Finding(kind, -1, -1, message);
  }

  /** One line: where, and what. */
  @Override
  public String toString() {
    String where =
        from < 0 ? "log" : to - from == 1 ? "entry " + from : "entries " + from + " to " + (to - 1);
    return where + ": " + message;
  }
}
