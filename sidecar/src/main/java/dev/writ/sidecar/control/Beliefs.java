package dev.writ.sidecar.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.verify.Revocations;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.state.RevocationKeeper;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the operator says into what the sidecar goes by. What is wrong is not taken: the
 * former stays in force and a metric rises. Thread-safe.
 */
final class Beliefs {
  private static final Logger LOG = LoggerFactory.getLogger(Beliefs.class);

  private final SidecarState state;
  private final Ed25519 ed25519;
  private final RevocationKeeper keeper;
  private final Time time;
  private final Counter refusals;
  private String lastRefusal = "";

  Beliefs(
      SidecarState state,
      Ed25519 ed25519,
      RevocationKeeper keeper,
      Time time,
      MeterRegistry meters) {
    this.state = state;
    this.ed25519 = ed25519;
    this.keeper = keeper;
    this.time = time;
    this.refusals =
        Counter.builder("writ_control_refused")
            .description("Snapshots and lists of the operator that were not taken")
            .register(meters);
  }

  /** Puts an enrolment's answer in force; its revocation list only if none newer is. */
  synchronized void enrolled(EnrolAnswer answer) {
    boolean takeList = judge(answer.revocationsJws(), answer.revocations());
    state.update(
        now ->
            new Snapshot(
                Math.max(now.epoch(), answer.epoch()),
                answer.trust(),
                takeList ? Revocations.cluster(answer.revocations()) : now.revocations(),
                answer.identity(),
                answer.contracts(),
                answer.listeners()));
  }

  /**
   * Puts a revocation list in force.
   *
   * @return whether it, or a newer one, is in force now
   */
  synchronized boolean revoked(String jws) {
    TrustBundle trust = state.current().trust();
    if (trust == null) {
      return false;
    }
    try {
      RevocationList list = RevocationList.parse(jws, trust, ed25519);
      if (judge(jws, list)) {
        state.update(
            now ->
                new Snapshot(
                    now.epoch(),
                    now.trust(),
                    Revocations.cluster(list),
                    now.identity(),
                    now.contracts(),
                    now.listeners()));
        return true;
      }
      return state.current().revocations() instanceof Revocations.Current current
          && current.list().seq() > list.seq();
    } catch (MalformedException e) {
      refuse("revocation list", String.valueOf(e.getMessage()));
      return false;
    }
  }

  private boolean judge(String jws, RevocationList list) {
    try {
      RevocationKeeper.Verdict verdict = keeper.offer(jws, list, time.moment().epochSeconds());
      switch (verdict) {
        case TAKEN -> {
          return true;
        }
        case OVERTAKEN -> {
          if (!(state.current().revocations() instanceof Revocations.Current)) {
            refuse(
                "revocation list",
                "seq " + list.seq() + " is behind what was seen before the restart");
          }
        }
        case REFUSED ->
            refuse(
                "revocation list",
                "seq "
                    + list.seq()
                    + " differs from the list seen under it, or is from the future");
      }
    } catch (IOException e) {
      refuse("revocation list", "couldn't remember it: " + e.getMessage());
    }
    return false;
  }

  /** Counts, and logs once for each new reason. */
  synchronized void refuse(String what, String cause) {
    refusals.increment();
    if (!lastRefusal.equals(what + cause)) {
      lastRefusal = what + cause;
      LOG.atWarn()
          .addKeyValue("what", what)
          .addKeyValue("cause", cause)
          .log("couldn't take what the operator sent; the former stays in force");
    }
  }
}
