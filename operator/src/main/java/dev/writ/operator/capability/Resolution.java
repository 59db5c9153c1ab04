package dev.writ.operator.capability;

import java.util.Set;

/** Whether what the terms name exists in the cluster. */
public sealed interface Resolution {
  /**
   * It does.
   *
   * @param pods UIDs of the injected pods behind the target, at least one
   * @param bare names of pods behind the target that have no sidecar: calls that reach them pass no
   *     gate
   */
  record Resolved(Set<String> pods, Set<String> bare) implements Resolution {
    /** Copies. */
    public Resolved {
      pods = Set.copyOf(pods);
      bare = Set.copyOf(bare);
    }
  }

  /** It does not; the message says what to create or change. */
  record Unresolved(Reason reason, String message) implements Resolution {}
}
