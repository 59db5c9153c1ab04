package dev.writ.operator.capability;

import java.util.Set;

/** Whether what the terms name exists in the cluster. */
public sealed interface Resolution {
  /**
   * It does.
   *
   * @param pods UIDs of the injected pods behind the target, at least one
   */
  record Resolved(Set<String> pods) implements Resolution {
    /** Copies. */
    public Resolved {
      pods = Set.copyOf(pods);
    }
  }

  /** It does not; the message says what to create or change. */
  record Unresolved(Reason reason, String message) implements Resolution {}
}
