package dev.writ.operator.records;

import dev.writ.audit.log.Outcome;
import java.io.IOException;
import java.util.List;

/** Where records of gates and helpers end. */
public interface RecordLog {
  /**
   * Appends lines of one boot. Lines that are stored already are skipped, so a sender may always
   * send again. When this returns, everything up to {@link Outcome#acked} is in the log for good.
   *
   * @param pod who sends
   * @param boot 16 lower-case hex digits
   * @throws IOException nothing is known to be stored; the sender has to try again
   */
  Outcome append(Sender pod, String boot, List<String> lines) throws IOException;

  /**
   * The pod that sends.
   *
   * @param uid a UUID
   * @param namespacedName {@code <namespace>/<name>}
   */
  record Sender(String uid, String namespacedName) {}
}
