package dev.writ.audit;

import dev.writ.contract.MalformedException;

/**
 * An entry with its place: the n-th of one boot, chained to the one before (audit.md, Record).
 *
 * @param boot 16 lower-case hex digits, drawn at each start of a gate
 * @param seq 1, 2, 3, ... without gaps within the boot
 * @param prev base64url SHA-256 of the line before it in this boot, empty for the first
 */
public record AuditRecord(String boot, long seq, String prev, Entry entry) {

  /** Longest line, in bytes of UTF-8 and without the line feed. */
  public static final int MAX_BYTES = 16 * 1024;

  public AuditRecord {
    if (!Boot.isValid(boot)) {
      throw new IllegalArgumentException("boot is not 16 lower-case hex digits");
    }
    if (seq < 1) {
      throw new IllegalArgumentException("seq is below 1");
    }
  }

  /**
   * Reads one line, without its line feed.
   *
   * @throws MalformedException when it is not exactly such a record
   */
  public static AuditRecord parse(String line) throws MalformedException {
    return RecordReader.read(line);
  }

  /** The line that is stored and hashed, without a line feed. */
  public String toLine() {
    return RecordWriter.write(this);
  }

  /** The name a caller and its developer know this record by: {@code <boot>.<seq>}. */
  public String receipt() {
    return boot + "." + seq;
  }
}
