package dev.writ.sidecar.gate;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Listener;
import dev.writ.sidecar.Configuration.Answers;
import dev.writ.sidecar.Configuration.Enforcement;
import dev.writ.sidecar.state.Snapshot;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether one answer may still go on. An app may take as long as it likes to begin; an answer that
 * has begun must not stand still for ever, since it holds a place; and one whose capability says
 * {@code onExpiry: Terminate} ends when a call under its contract would be refused.
 */
final class Lifetime {
  private final Gate gate;
  private final @Nullable Granted terminates;
  private long movedNanos;
  private boolean begun;

  /**
   * From now on.
   *
   * @param granted the call, null for one that goes on in shadow mode
   */
  Lifetime(Gate gate, @Nullable Granted granted) {
    this.gate = gate;
    // In shadow mode nothing is refused, and so nothing is ended either.
    boolean enforced = gate.parts().configuration().enforcement() == Enforcement.ENFORCE;
    this.terminates =
        enforced && granted != null && granted.chain().root().terminateOnExpiry() ? granted : null;
    this.movedNanos = gate.parts().time().nanos();
  }

  /** The answer begins, or a part of it came. */
  void moved() {
    begun = true;
    movedNanos = gate.parts().time().nanos();
  }

  /** Why the answer has to end; null while it need not. */
  @Nullable ErrorCode over() {
    Answers answers = gate.parts().configuration().answers();
    int seconds = begun ? answers.idleSeconds() : answers.responseSeconds();
    long still = gate.parts().time().nanos() - movedNanos;
    if (seconds > 0 && still > TimeUnit.SECONDS.toNanos(seconds)) {
      return ErrorCode.UPSTREAM_UNAVAILABLE;
    }
    if (terminates == null) {
      return null;
    }
    Snapshot now = gate.parts().state().current();
    Listener listener = now.listeners().get(gate.index());
    return gate.parts()
        .verifier()
        .again(terminates, listener, now.revocations(), gate.parts().time().moment());
  }
}
