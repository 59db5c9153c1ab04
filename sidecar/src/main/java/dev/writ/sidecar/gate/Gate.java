package dev.writ.sidecar.gate;

import dev.writ.sidecar.Address;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClient;

/**
 * What the exchanges of one listener on one event loop share.
 *
 * @param index of the listener, as in the configuration
 * @param upstream where the app listens
 * @param clients of this loop
 * @param running the answers under way on this loop
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
    Context context) {
  /**
   * To the apps.
   *
   * @param http1 speaks HTTP/1.1
   * @param http2 speaks HTTP/2 with prior knowledge
   */
  record Clients(HttpClient http1, HttpClient http2) {}
}
