package dev.writ.sidecar.gate;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.Revocations;
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

  /** What such a call was last let through under. */
  private @Nullable Snapshot passed;

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

  /** A part of the request came: whoever still sends is not standing still. */
  void touched() {
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
    return terminates == null ? null : refused(terminates);
  }

  /** Why such a call would be refused now; null when it would not. */
  private @Nullable ErrorCode refused(Granted granted) {
    Snapshot now = gate.parts().state().current();
    Moment moment = gate.parts().time().moment();
    // Thousands of streams may be open: as long as nothing changed but the time, that alone is
    // looked at.
    if (now.equals(passed)
        && moment.epochSeconds() < granted.chain().firstExpiry()
        && isFresh(now.revocations(), moment)) {
      return null;
    }
    ErrorCode code = gate.again(granted, now);
    passed = code == null ? now : null;
    return code;
  }

  private static boolean isFresh(Revocations revocations, Moment now) {
    return switch (revocations) {
      case Revocations.Current current -> current.isFresh(now);
      case Revocations.Unconfigured _ -> true;
      case Revocations.None _ -> false;
    };
  }
}
