package dev.writ.sidecar.gate;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Listener;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.flow.BodyBudget;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.state.Snapshot;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClient;
import org.jspecify.annotations.Nullable;

/**
 * What the exchanges of one listener on one event loop share.
 *
 * @param index of the listener, as in the configuration
 * @param upstream where the app listens
 * @param clients of this loop
 * @param running the answers under way on this loop
 * @param flows what they hold
 * @param context of this loop's verticle
 */
record Gate(
    int index,
    Address upstream,
    GateParts parts,
    Recorder recorder,
    Answers answers,
    ChallengeEndpoint challenge,
    GateMetrics metrics,
    WorkBook workBook,
    BodyBudget budget,
    Owners owners,
    Clients clients,
    SyncWait syncWait,
    RunningAnswers running,
    Flows flows,
    Context context) {
  /** What this listener is for, under that snapshot. */
  Listener listener(Snapshot snapshot) {
    return snapshot.listeners().get(index);
  }

  /**
   * Why a call that was granted would be refused under that snapshot now; null when it would not.
   */
  @Nullable ErrorCode again(Granted granted, Snapshot snapshot) {
    return parts
        .verifier()
        .again(granted, listener(snapshot), snapshot.revocations(), parts.time().moment());
  }

  /**
   * To the apps.
   *
   * @param http1 speaks HTTP/1.1
   * @param http2 speaks HTTP/2 with prior knowledge
   */
  record Clients(HttpClient http1, HttpClient http2) {}
}
