package dev.writ.sidecar.work;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One admitted call, as long as onward calls may belong to it.
 *
 * @param receipt of its decision record
 * @param caller the workloads of the chain that was called with, root first: who it is for
 * @param trace W3C trace id, null when the call had none
 * @param handed what the caller handed over; may be empty
 * @param until epoch second from which on it is forgotten
 */
public record Work(
    String receipt, List<String> caller, @Nullable String trace, List<Handed> handed, long until) {
  /** Copies. */
  public Work {
    caller = List.copyOf(caller);
    handed = List.copyOf(handed);
  }

  Work with(List<Handed> chains) {
    return new Work(receipt, caller, trace, chains, until);
  }
}
