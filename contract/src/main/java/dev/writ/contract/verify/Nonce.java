package dev.writ.contract.verify;

/**
 * A nonce that this replica minted: its parts, after step 3.
 *
 * @param challenge as sent
 * @param issued monotonic milliseconds shifted by 20, and a counter
 * @param jkt first 8 bytes of the holder's thumbprint, big-endian
 * @param boot of the minting
 * @param seq 1 to 4,096
 */
record Nonce(String challenge, long issued, long jkt, long boot, long seq) {
  static final int MAX_SEQ = 4_096;
  static final long MAX_AGE_MILLIS = 600_000;
  private static final int RENEW_SEQ = 3_584;
  private static final long RENEW_AGE_MILLIS = 480_000;

  /** How old the challenge is, milliseconds; negative for one of the future. */
  long age(Moment now) {
    return now.monotonicMillis() - (issued >>> 20);
  }

  boolean nearEnd(Moment now) {
    return seq >= RENEW_SEQ || age(now) > RENEW_AGE_MILLIS;
  }
}
