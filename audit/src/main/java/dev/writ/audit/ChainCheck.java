package dev.writ.audit;

import dev.writ.contract.MalformedException;
import java.nio.charset.StandardCharsets;

/**
 * The reading end of one boot's chain: accepts exactly the next record, nothing else. Used by
 * whoever stores records and by whoever verifies them later. Not thread-safe.
 */
public final class ChainCheck {
  private final String boot;
  private long lastSeq;
  private String lastHash = "";
  private boolean stopped;

  public ChainCheck(String boot) {
    if (!Boot.isValid(boot)) {
      throw new IllegalArgumentException("boot is not 16 lower-case hex digits");
    }
    this.boot = boot;
  }

  /**
   * A check that goes on after a record that was accepted before.
   *
   * @param lastSeq its number, 0 for none
   * @param lastHash of its line, empty for none
   * @param stopped whether it was a stop
   */
  public static ChainCheck resume(String boot, long lastSeq, String lastHash, boolean stopped) {
    ChainCheck check = new ChainCheck(boot);
    check.lastSeq = lastSeq;
    check.lastHash = lastHash;
    check.stopped = stopped;
    return check;
  }

  /**
   * Takes the next line.
   *
   * @return the record in it
   * @throws BrokenChainException when the line does not parse, is of another boot, leaves a gap,
   *     does not name its predecessor's hash, comes after a {@code stop}, or is a first record that
   *     is no {@code start}; the state is then as before
   */
  public AuditRecord accept(String line) throws BrokenChainException {
    return accept(parse(line), line);
  }

  /**
   * As {@link #accept(String)} for a line that was parsed before.
   *
   * @param next what {@code line} says
   */
  public AuditRecord accept(AuditRecord next, String line) throws BrokenChainException {
    if (line.getBytes(StandardCharsets.UTF_8).length > AuditRecord.MAX_BYTES) {
      throw new BrokenChainException("record " + next.receipt() + " is over 16 KiB");
    }
    if (!next.boot().equals(boot)) {
      throw new BrokenChainException("record of boot " + next.boot() + " in the chain of " + boot);
    }
    if (next.seq() != lastSeq + 1) {
      throw new BrokenChainException(
          "record " + next.receipt() + " where " + boot + "." + (lastSeq + 1) + " was due");
    }
    if (!next.prev().equals(lastHash)) {
      throw new BrokenChainException(
          "record " + next.receipt() + " does not name the hash of the record before it");
    }
    if (stopped) {
      throw new BrokenChainException("record " + next.receipt() + " comes after the boot's stop");
    }
    if ((next.seq() == 1) != (next.entry() instanceof Entry.Start)) {
      throw new BrokenChainException(
          "record " + next.receipt() + ": the first record, and no other, is a start");
    }
    lastSeq = next.seq();
    lastHash = LineHash.of(line);
    stopped = next.entry() instanceof Entry.Stop;
    return next;
  }

  private AuditRecord parse(String line) throws BrokenChainException {
    try {
      return AuditRecord.parse(line);
    } catch (MalformedException e) {
      throw new BrokenChainException(
          "record after " + boot + "." + lastSeq + ": " + e.getMessage(), e);
    }
  }

  public String boot() {
    return boot;
  }

  /** Sequence number of the last record taken, 0 before the first. */
  public long lastSeq() {
    return lastSeq;
  }

  /** Hash of the last line taken ({@link LineHash}), empty before the first. */
  public String lastHash() {
    return lastHash;
  }

  /** Whether the boot's {@code stop} record was taken. */
  public boolean stopped() {
    return stopped;
  }
}
