package dev.writ.sidecar.gate;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The answers under way on one event loop, looked at about once a second: some have to end though
 * neither side ends them. (actions.md, Streaming responses)
 */
final class RunningAnswers {
  private final Set<Running> running = Collections.newSetFromMap(new IdentityHashMap<>());

  /** An answer under way. */
  interface Running {
    /** Ends it if it has to end. */
    void look();
  }

  void add(Running answer) {
    running.add(answer);
  }

  void remove(Running answer) {
    running.remove(answer);
  }

  /** Looks at each. */
  void check() {
    // A copy: one that ends takes itself out of the set, and may end others.
    for (Running answer : List.copyOf(running)) {
      if (running.contains(answer)) {
        answer.look();
      }
    }
  }
}
