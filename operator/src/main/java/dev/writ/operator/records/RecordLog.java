package dev.writ.operator.records;

import java.io.IOException;
import java.util.List;

/** Where records end. The transparency log takes this place later. */
public interface RecordLog {
  /** What became of a batch. */
  sealed interface Outcome {
    /** Last sequence number that is stored for the boot, 0 for none. */
    long acked();

    /** All of it is stored, durably. */
    record Stored(long acked) implements Outcome {}

    /** The batch does not go on where the boot stopped; what came before the break is stored. */
    record Broken(long acked, String why) implements Outcome {}

    /** Another pod sent this boot before: nothing is stored. */
    record Foreign() implements Outcome {
      @Override
      public long acked() {
        return 0;
      }
    }
  }

  /**
   * Appends lines of one boot. Lines that are stored already are skipped, so a sender may always
   * send again. When this returns, everything up to {@link Outcome#acked} survives a crash.
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
