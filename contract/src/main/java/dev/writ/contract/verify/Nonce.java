package dev.writ.contract.verify;

/**
 * A nonce that this replica minted: its parts, after step 3.
 *
 * @param challenge as sent
 * @param issued monotonic milliseconds shifted by 20, and a counter
 * @param boot of the minting
 * @param seq 1 to 4,096
 */
record Nonce(String challenge, long issued, long boot, int seq) {
  static final int MAX_SEQ = 4_096;
  private static final long MAX_AGE_MILLIS = 600_000;
  private static final int RENEW_SEQ = 3_584;
  private static final long RENEW_AGE_MILLIS = 480_000;

  /** Whether the challenge is at most 600 s old, and not from the future. */
  boolean isYoung(long monotonicMillis) {
    long age = age(monotonicMillis);
    return age >= 0 && age <= MAX_AGE_MILLIS;
  }

  /** Whether a reply should carry the next challenge. */
  boolean nearEnd(Moment now) {
    return seq >= RENEW_SEQ || age(now.monotonicMillis()) > RENEW_AGE_MILLIS;
  }

  private long age(long monotonicMillis) {
    return monotonicMillis - (issued >>> 20);
  }
}
