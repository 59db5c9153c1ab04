package dev.writ.operator.ledger;

/**
 * Totals of one boot under one path since its start, each only ever rising (quota.md, Totals).
 *
 * @param boot 16 lower-case hex digits
 * @param podUid UID of its pod, as its token said when it was first seen
 * @param granted calls handed to it
 * @param returned calls it gave back unspent
 * @param spent calls it admitted, as far as it told
 * @param lost calls that count as used because nobody knows whether it spent them; above 0 only
 *     once it is closed
 * @param closed whether it was settled: it stays listed until its pod is gone, and is granted
 *     nothing
 */
public record BootTotals(
    String boot,
    String podUid,
    long granted,
    long returned,
    long spent,
    long lost,
    boolean closed) {

  /** Checks the order of the totals. */
  public BootTotals {
    if (returned < 0 || spent < 0 || lost < 0 || granted < returned) {
      throw new IllegalArgumentException("totals of boot " + boot + " are out of order");
    }
  }

  /** Granted and not given back, spent or not: what counts against the limit; 0 once closed. */
  public long outstanding() {
    return closed ? 0 : granted - returned;
  }

  /** What it may still spend, as far as the ledger knows. */
  public long unspent() {
    return Math.max(0, outstanding() - spent);
  }

  /** What it told: totals never fall, and nobody gives back what was not granted. */
  BootTotals told(long toldReturned, long toldSpent) {
    return new BootTotals(
        boot,
        podUid,
        granted,
        Math.max(returned, Math.min(toldReturned, granted)),
        Math.max(spent, toldSpent),
        lost,
        closed);
  }

  BootTotals grant(long more) {
    return new BootTotals(boot, podUid, granted + more, returned, spent, lost, closed);
  }

  BootTotals settled(long finalSpent) {
    return new BootTotals(boot, podUid, granted, returned, finalSpent, 0, true);
  }

  BootTotals lostAll() {
    return new BootTotals(boot, podUid, granted, returned, spent, unspent(), true);
  }
}
