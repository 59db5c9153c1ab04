package dev.writ.operator.counting;

import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.Terms;
import org.jspecify.annotations.Nullable;

/** The ledgers as the reconciler uses them. Thread-safe; calls block on the API server. */
public interface Ledgers {
  /** Where the calls of a capability went, as far as it is known here. */
  CallTotals totals(String cid);

  /**
   * Has the limit of these terms hold for every grant from now on, and calls back what gates hold
   * beyond it. Does nothing when it holds already, or when nothing is counted.
   *
   * @param accepted what an administrator wrote to accept the log's totals, null for nothing
   */
  void programmed(Terms terms, @Nullable String accepted);

  /** The capability is gone: its ledger goes with it. */
  void gone(String cid);
}
