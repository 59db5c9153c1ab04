package dev.writ.contract.verify;

/** A replica whose boot is given, as vectors have it. */
public final class FixedReplica {
  private FixedReplica() {}

  /**
   * Its challenges.
   *
   * @param watermark challenges issued at or before it do not count; -1 = none
   */
  public static Challenges challenges(long boot, byte[] secret, Moment start, long watermark) {
    return new Challenges(boot, secret, start, watermark);
  }
}
