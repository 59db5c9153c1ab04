package dev.writ.audit.verify;

import dev.writ.audit.note.Checkpoint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a verification checked and found.
 *
 * @param checkpoint what the log says of itself, null when it is not signed by the log
 * @param witnessed how many entries a quorum of witnesses vouches for, 0 when no witness was asked
 *     for
 * @param entries how many the log has
 * @param unseen how many of them, from the beginning on, were not read: nothing is said about them
 *     but that their hashes are in the tree
 * @param boots how many boots wrote them
 * @param calls decisions, by decision
 * @param unstopped boots without a stop record, the newest last: running still, or killed
 * @param unended calls that were allowed and have no end record: in flight still, or when their
 *     gate was killed
 * @param capabilities how many counters were checked against their limits
 * @param reconciled how many counter paths the ledger has totals of, which were checked
 * @param silent pods that enrolled and have no record at all, in the order of their enrolment: they
 *     just did, never got as far, or were kept from recording
 * @param findings in the order of discovery, at most {@link LogVerifier#MAX_FINDINGS}
 * @param found how many there are
 */
public record Report(
    @Nullable Checkpoint checkpoint,
    long witnessed,
    long entries,
    long unseen,
    long boots,
    Map<String, Long> calls,
    List<Unstopped> unstopped,
    long unended,
    long capabilities,
    long reconciled,
    List<Silent> silent,
    List<Finding> findings,
    long found) {

  public Report {
    calls = Map.copyOf(calls);
    unstopped = List.copyOf(unstopped);
    silent = List.copyOf(silent);
    findings = List.copyOf(findings);
  }

  /**
   * A boot that did not end in order.
   *
   * @param lastIndex entry of its newest record
   */
  public record Unstopped(String boot, String pod, long lastSeq, long lastIndex) {}

  /**
   * A pod that enrolled and has no record.
   *
   * @param index of the entry that says that it enrolled
   */
  public record Silent(String uid, String pod, long index) {}

  /**
   * Whether nothing is wrong. Boots that were killed are not wrong: their numbers still have no
   * gaps.
   */
  public boolean isOk() {
    return found == 0;
  }
}
