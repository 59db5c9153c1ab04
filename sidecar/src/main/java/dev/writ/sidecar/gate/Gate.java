package dev.writ.sidecar.gate;

import dev.writ.sidecar.Address;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClient;

/**
 * What the exchanges of one listener on one event loop share.
 *
 * @param index of the listener, as in the configuration
 * @param upstream where the app listens
 * @param client of this loop
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
    HttpClient client,
    SyncWait syncWait,
    RunningAnswers running,
    Context context) {}
