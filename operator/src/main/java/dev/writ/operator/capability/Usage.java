package dev.writ.operator.capability;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the gates recorded about one capability.
 *
 * @param allowed calls let through
 * @param denied calls refused under a verified contract
 * @param lastTime when the newest decision was made, null before the first
 * @param denials the newest first, at most {@link #MAX_DENIALS}
 * @param lastChain workload ids of the chain of the newest decision, root first; empty before it
 */
public record Usage(
    long allowed,
    long denied,
    @Nullable Instant lastTime,
    List<Denial> denials,
    List<String> lastChain) {
  /** How many refusals are shown. */
  public static final int MAX_DENIALS = 10;

  /** Nothing was recorded. */
  public static final Usage NONE = new Usage(0, 0, null, List.of(), List.of());

  /** Copies. */
  public Usage {
    denials = List.copyOf(denials);
    lastChain = List.copyOf(lastChain);
  }

  /**
   * One refusal.
   *
   * @param code what the caller saw
   * @param action null when it was not known
   * @param chain workload ids of who called and on whose behalf, root first; not empty
   * @param receipt {@code <boot>.<seq>}
   */
  public record Denial(
      Instant time, String code, @Nullable String action, List<String> chain, String receipt) {
    /** Copies. */
    public Denial {
      chain = List.copyOf(chain);
    }

    /** Workload id of who called. */
    public String caller() {
      return chain.getLast();
    }
  }
}
