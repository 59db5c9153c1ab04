package dev.writ.contract.key;

/**
 * Verifies Ed25519 signatures under the strict rules of protocol.md, section 1: key canonical and
 * in the prime-order subgroup, S below the group order, cofactorless, R byte for byte. Thread-safe.
 * All providers give the same answers.
 */
public interface Ed25519 {
  /** Whether this is the signature of the message under the key. Never throws for any bytes. */
  boolean verify(PublicKey key, byte[] message, byte[] signature);

  /** Which provider this is, for the log and a metric. */
  String provider();

  /** The pure Java provider. */
  static Ed25519 bouncyCastle() {
    return BouncyCastle.INSTANCE;
  }

  /**
   * A provider from a raw verification: the checks of key and S are done here, before it is asked.
   *
   * @param provider its name
   * @param raw is called with a valid key and a signature of 64 bytes whose S is in range
   */
  static Ed25519 strict(String provider, Raw raw) {
    return new Strict(provider, raw);
  }

  /** A raw verification. */
  @FunctionalInterface
  interface Raw {
    /**
     * Recomputes R from S, key and message, and compares it byte for byte with the first half of
     * the signature (cofactorless). With a key of the prime-order subgroup that alone refuses an R
     * that is not canonical or not in the subgroup.
     */
    boolean verify(PublicKey key, byte[] message, byte[] signature);
  }
}
