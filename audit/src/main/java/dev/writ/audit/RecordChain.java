package dev.writ.audit;

/**
 * The writing end of one boot's chain. Not thread-safe: the order of records is the order of the
 * journal, so the journal's lock is the one that guards this.
 */
public final class RecordChain {
  private final String boot;
  private long seq;
  private String last = "";

  public RecordChain(String boot) {
    if (!Boot.isValid(boot)) {
      throw new IllegalArgumentException("boot is not 16 lower-case hex digits");
    }
    this.boot = boot;
  }

  /** A record in its place, as the line that is stored (no line feed). */
  public record Sealed(String boot, long seq, String line) {
    /** {@code <boot>.<seq>}. */
    public String receipt() {
      return boot + "." + seq;
    }
  }

  /**
   * The line that would come next. Call {@link #stored} once it is in the journal: a line whose
   * write failed has no place in the chain, and the next one takes its number.
   */
  public Sealed seal(Entry entry) {
    return new Sealed(boot, seq + 1, new AuditRecord(boot, seq + 1, last, entry).toLine());
  }

  /** Makes {@code sealed} the end of the chain. */
  public void stored(Sealed sealed) {
    if (sealed.seq() != seq + 1 || !sealed.boot().equals(boot)) {
      throw new IllegalArgumentException("record " + sealed.receipt() + " is not the next one");
    }
    seq = sealed.seq();
    last = LineHash.of(sealed.line());
  }

  public String boot() {
    return boot;
  }

  /** Sequence number of the newest stored record, 0 before the first. */
  public long lastSeq() {
    return seq;
  }
}
