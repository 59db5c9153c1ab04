package dev.writ.operator.keys;

/** The verifiers that have to know a key before it is used. */
public interface Sidecars {
  /**
   * Tells every sidecar that the trusted keys are others than before.
   *
   * @return a number; a sidecar that confirms it or a higher one has the keys
   */
  long tell();

  /** Whether every sidecar that could be called has confirmed the number. */
  boolean confirmed(long number);

  /** The signer is another: whatever stands signed and out has to be signed again. */
  void signAgain();
}
