package dev.writ.sidecar.journal;

import java.io.IOException;
import java.util.List;

/**
 * The reading side of the journals: what is to be shipped to the operator. Thread-safe; reads
 * files, so not for the event loop. (audit.md, Record)
 */
public interface Backlog {

  /**
   * The boots with records on disk, oldest first, ours last. A predecessor leaves the list when all
   * its records are acknowledged.
   */
  List<String> boots();

  /**
   * The next records of a boot, in order and without a gap.
   *
   * @param boot one of {@link #boots()}
   * @param after ship from the record after this sequence number; normally {@link #acknowledged}
   * @param maxBytes bound of all lines together, each counted with its line feed; at least one line
   *     is given if there is one
   * @return lines without line feed; empty when there is nothing after {@code after}
   */
  List<String> pending(String boot, long after, int maxBytes) throws IOException;

  /** The highest sequence number of the boot that was acknowledged to this process, 0 for none. */
  long acknowledged(String boot);

  /**
   * The log has stored all records of the boot up to {@code seq}: they may be deleted. A lower
   * value than before changes nothing.
   */
  void acknowledge(String boot, long seq) throws IOException;

  /** Whether a call waits for the log to have its record: then it is not kept back for others. */
  default boolean isAwaited() {
    return false;
  }

  /**
   * Runs when a record was appended, on the appending thread; it must be short and not block.
   * Several appends may share one run.
   */
  void onAppend(Runnable wake);
}
