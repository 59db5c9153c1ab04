package dev.writ.simulation;

/** What must never be. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Violation(String what) {
    super(what, null, false, false);
  }
}
