package dev.writ.contract.verify;

import java.security.SecureRandom;

/**
 * Challenges of one replica and the windows of what was seen under them (protocol.md, section 3;
 * Replay.tla). Shared by all listeners of a process. Thread-safe.
 */
public final class Challenges {
  /** At most this many keys have windows unless told otherwise. */
  public static final int DEFAULT_MAX_KEYS = 10_000;

  private final SecureRandom random;
  private final int maxKeys;

  /**
   * Draws boot id and boot secret.
   *
   * @param random source of boot id and secret
   * @param start both clocks now: where their distance is measured from
   * @param maxKeys how many keys may have windows at a time (at most 16 windows each)
   */
  public Challenges(SecureRandom random, Moment start, int maxKeys) {
    this.random = random;
    this.maxKeys = maxKeys;
  }

  /**
   * A fresh challenge for the holder key of that thumbprint. Keeps no state.
   *
   * @param jkt RFC 7638 thumbprint, 43 characters of base64url
   * @throws dev.writ.contract.MalformedException when it is no thumbprint
   */
  public String mint(String jkt, Moment now) throws dev.writ.contract.MalformedException {
    if (jkt.length() != 43) {
      throw new dev.writ.contract.MalformedException("jkt: not a thumbprint");
    }
    throw new UnsupportedOperationException(random.toString() + maxKeys);
  }
}
