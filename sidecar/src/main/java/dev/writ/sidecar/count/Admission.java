package dev.writ.sidecar.count;

import dev.writ.contract.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of step 12 of protocol.md, section 4. */
public sealed interface Admission {

  /**
   * The call is spent.
   *
   * @param counted one per block with a limit on calls, root first
   * @param place held until the answer has ended
   */
  record Admitted(List<Counted> counted, Place place) implements Admission {
    public Admitted {
      counted = List.copyOf(counted);
    }

    /** The least that a counted block has left, null when none is counted. */
    public @Nullable Long remaining() {
      Long least = null;
      for (Counted one : counted) {
        long left = one.limit() - one.used();
        least = least == null ? left : Math.min(least, left);
      }
      return least;
    }
  }

  /**
   * The call is not admitted and nothing was spent.
   *
   * @param code {@code TOO_MANY_CONCURRENT}, {@code RATE_LIMITED}, {@code QUOTA_EXHAUSTED} or
   *     {@code QUOTA_UNAVAILABLE}
   * @param limit that stands in the way, null when it is none of the contract
   * @param used of that limit
   * @param resetAt epoch seconds from when it may be tried again, null when that is not known or
   *     never
   */
  record Refused(ErrorCode code, @Nullable Long limit, @Nullable Long used, @Nullable Long resetAt)
      implements Admission {}

  /**
   * A counter after this call.
   *
   * @param cid of the block
   * @param limit of the block
   * @param used with this call
   */
  record Counted(String cid, long limit, long used) {}

  /** A place among the concurrent calls. */
  interface Place {
    /** Gives it back; a second time does nothing. */
    void leave();
  }
}
