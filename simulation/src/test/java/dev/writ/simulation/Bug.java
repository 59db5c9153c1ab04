package dev.writ.simulation;

/**
 * Mistakes that the models name (and some of our own), made in the simulated surroundings of the
 * real code: in how its results are carried out, never in the code itself. Each must be found.
 */
enum Bug {
  NONE,
  /** The ledger settles a gate that it has not heard of for a while with what it last told. */
  REFUND_ON_TIMEOUT,
  /** The answer leaves before the compare-and-swap is known to have happened. */
  ANSWER_BEFORE_WRITE_ACKED,
  /** The counter is raised after the call went to the app. */
  DEBIT_AFTER_FORWARD,
  /** A boot settles its predecessor without having its lock. */
  NEXT_BOOT_WITHOUT_LOCK,
  /** What is given back travels as an increment. */
  RETURN_AS_INCREMENT_TWICE,
  /** The returned total is sent before the gate's own allowance is lowered. */
  RETURN_BEFORE_LOWERING_OWN,
  /** An answer sets the allowance instead of a total. */
  ANSWER_SETS_ALLOWANCE,
  /** Counters are believed after a reboot of the node. */
  FILE_TRUSTED_AFTER_REBOOT,
  /** A file that is missing is read as nothing spent. */
  MISSING_FILE_MEANS_UNSPENT,
  /** A pod that is gone is settled with what it last told. */
  POD_GONE_LAST_REPORT,
  /** All boots use one file, which each sets to zero. */
  ONE_FILE_REUSED_BY_BOOTS,
  /** One call is granted when nothing remains. */
  FORMULA_MAX1_AT_ZERO,
  /** A boot that was settled is forgotten. */
  SETTLED_ENTRY_FORGOTTEN,
  /** Final is said when nothing remains to be granted. */
  FINAL_WHEN_REMAINING_IS_ZERO,
  /** Nothing is given back. */
  NO_IDLE_RETURN,
  /** What is given back is said once. */
  RETURN_NOT_REPEATED,
  /** The counter is raised by fetch-and-add, also by calls that are then refused. */
  FETCH_AND_ADD_OVERSHOOT,
  /** A grant uses the limit of a cached capability. */
  LIMIT_FROM_STALE_CACHE,
  /** A limit is written whatever its generation. */
  LIMIT_WRITE_IGNORES_GENERATION,
  /** Nothing is compared with the log. */
  NO_LOG_ANCHOR,
  /** The comparison with the log is made at the start of a leader alone. */
  ANCHOR_CHECKED_AT_START_ONLY,
  /** Where the log ends is kept in etcd, and restored with it. */
  LOG_SIZE_KEPT_IN_ETCD,
  /** The answer leaves before the log has the totals. */
  ANSWER_BEFORE_LOG,
  /** A leader that was replaced goes on to append. */
  LOG_WITHOUT_OWNER_FENCE,
  /** An entry ahead of the log is taken for a restored one. */
  NO_CATCH_UP_AFTER_CRASH,
  /** The log gets the totals before the compare-and-swap. */
  LOG_FIRST_CRASH_BLOCKS,
  /** Writes are not compared. */
  NO_COMPARE_AND_SWAP,
  /** A death between two counters. */
  TWO_COUNTERS_CRASH_BETWEEN,
  /** Windows are granted from memory, without a claim. */
  RATE_FROM_MEMORY,
  /** A right to a window is counted from the answer. */
  DEADLINE_FROM_RECEIPT
}
