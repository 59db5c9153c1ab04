package dev.writ.operator;

/** Whether this replica can answer, and else what it waits for. Thread-safe. */
final class Readiness {
  private volatile String missing = "it starts";

  /** Empty: nothing, it is ready. Else for the one who reads the probe's answer. */
  String missing() {
    return missing;
  }

  /**
   * It can't answer.
   *
   * @return whether that was not known
   */
  boolean waitFor(String what) {
    boolean news = !what.equals(missing);
    missing = what;
    return news;
  }

  void ready() {
    missing = "";
  }
}
