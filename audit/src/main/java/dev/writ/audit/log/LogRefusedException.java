package dev.writ.audit.log;

import java.io.IOException;
import java.io.Serial;

/**
 * The log must not be written: what is stored contradicts itself, and going on could fork it.
 * Trying again does not help; an administrator has to say what happened.
 */
public final class LogRefusedException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private final Reason reason;

  LogRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why. */
  public enum Reason {
    /**
     * The checkpoint store says less than the public checkpoint, or something else: a restored
     * etcd.
     */
    BEHIND_PUBLIC,
    /** The storage says less than the checkpoint store needs: a restored or emptied volume. */
    STORAGE_BEHIND,
    /** The storage does not hold what was signed. */
    CORRUPT
  }

  public Reason reason() {
    return reason;
  }
}
