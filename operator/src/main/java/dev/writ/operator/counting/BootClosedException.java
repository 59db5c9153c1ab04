package dev.writ.operator.counting;

/** The boot that asks is settled, or is another pod's: it must not count any more. */
public final class BootClosedException extends Exception {
  private static final long serialVersionUID = 1L;

  BootClosedException(String message) {
    super(message);
  }
}
