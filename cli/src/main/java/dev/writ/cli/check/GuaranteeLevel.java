package dev.writ.cli.check;

/** How far it is known that nothing goes past a pod's gate. (injection.md, Capture) */
enum GuaranteeLevel {
  /** There is no sidecar. */
  NONE("none"),
  /** The sidecar is there. */
  PRESENT("Present"),
  /** And its self-test passed. */
  VERIFIED("Verified"),
  /** And from another pod no port was open but its gate's. */
  ENFORCED("Enforced");

  private final String word;

  GuaranteeLevel(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
