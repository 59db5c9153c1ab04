package dev.writ.operator.counting;

import dev.writ.operator.ledger.LedgerChange;
import dev.writ.operator.ledger.LedgerState;
import java.io.IOException;

/** The log as ledgers use it: what an answer says must be in it before. Thread-safe. */
public interface ChangeLog {
  /**
   * Appends a change, all of it in one batch.
   *
   * @throws IOException when it may not be in the log: nothing may be answered on it
   */
  void append(LedgerChange change) throws IOException;

  /** What the log says of the ledger of that capability, with all that was appended before. */
  LedgerState logged(String cid);
}
