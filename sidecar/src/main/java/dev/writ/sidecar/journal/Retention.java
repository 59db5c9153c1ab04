package dev.writ.sidecar.journal;

/**
 * How much journal the state directory may hold, and what happens then.
 *
 * @param bytes bound over the journals of all boots
 * @param segmentBytes a segment file is closed once it is this long; room is made by whole segments
 * @param whenFull what gives way
 */
public record Retention(long bytes, long segmentBytes, WhenFull whenFull) {

  /** What gives way at the bound. */
  public enum WhenFull {
    /** The call: it is denied with `audit-unavailable` until the log has acknowledged records. */
    DENY,
    /**
     * The oldest closed segment: nobody acknowledges in standalone mode, so whoever wants more
     * copies segments away in time.
     */
    DROP_OLDEST
  }

  /** Cluster mode: 64 MiB, then deny. (audit.md, Record) */
  public static Retention cluster() {
    return new Retention(64 << 20, 4 << 20, WhenFull.DENY);
  }

  /** Standalone mode: the newest 512 MiB, some 500,000 calls. */
  public static Retention standalone() {
    return new Retention(512 << 20, 16 << 20, WhenFull.DROP_OLDEST);
  }

  public Retention {
    if (bytes < 2 * segmentBytes || segmentBytes < 1) {
      throw new IllegalArgumentException("bytes is below two segments");
    }
  }
}
