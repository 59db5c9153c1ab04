package dev.writ.sidecar.gate;

import dev.writ.contract.Problem;
import dev.writ.contract.grant.Dialect;
import dev.writ.sidecar.flow.BodyBudget;
import dev.writ.sidecar.flow.Flow;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the gate itself says to one caller, and what becomes of the connection after it. Lives on
 * one event loop.
 */
final class Reply {
  /** Longer than a pod takes to end. */
  private static final long MOVE_ON_SECONDS = 3_600;

  /** What an answer of the gate's costs until it is taken, with the call that it is to. */
  private static final int ANSWER_BYTES = 16 * 1024;

  private final Gate gate;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Carrier carrier;
  private final RequestBody body;
  private final BodyBudget.Part memory;
  private final Runnable over;
  private final boolean http2;

  /**
   * To one call.
   *
   * @param memory of the call
   * @param over told when all of an answer of the gate's was written, or will never be
   */
  Reply(
      Gate gate,
      HttpServerRequest request,
      Carrier carrier,
      RequestBody body,
      BodyBudget.Part memory,
      Runnable over) {
    this.gate = gate;
    this.request = request;
    this.response = request.response();
    this.carrier = carrier;
    this.body = body;
    this.memory = memory;
    this.over = over;
    this.http2 = request.version() == HttpVersion.HTTP_2;
  }

  /** An answer begins, of whomever. */
  void begins() {
    carrier.answering();
    if (gate.parts().leaving().said()) {
      askToMoveOn();
    }
  }

  /** Who keeps the connection all the same loses it at the stop. */
  private void askToMoveOn() {
    if (http2) {
      // Takes no new calls from here on; those that are open end as they would.
      var _ = request.connection().shutdown(MOVE_ON_SECONDS, TimeUnit.SECONDS);
    } else {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** A challenge. Nobody who asks for one is asked to move on: who was just led here has a call. */
  void challenge() {
    carrier.answering();
    finish(gate.challenge().answer(request, closes()));
  }

  /**
   * A refusal.
   *
   * @param nonceFor thumbprint to add a fresh challenge for, null for none
   */
  void problem(Problem problem, Dialect dialect, @Nullable String nonceFor) {
    begins();
    finish(gate.answers().problem(response, problem, dialect, nonceFor, closes()));
  }

  /** Something is wrong here: nothing goes on, and nothing is said of it. */
  void defect() {
    if (response.headWritten()) {
      carrier.abort();
      over.run();
    } else {
      if (!http2) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      }
      closeAfter(response.setStatusCode(500).end());
    }
  }

  /** Whether the connection ends with an answer, because the rest of the request is not read. */
  private boolean closes() {
    return !body.isWhole() && !http2;
  }

  private void finish(Future<Void> written) {
    if (body.isWhole()) {
      leave(written);
      carrier.finishing();
      written.onComplete(_ -> over.run());
    } else {
      closeAfter(written);
    }
  }

  private void closeAfter(Future<Void> written) {
    leave(written);
    carrier.stopReading();
    carrier.finishing();
    written.onComplete(
        _ -> {
          over.run();
          carrier.linger();
        });
  }

  /**
   * The call is decided; what waits for its caller must not keep others from theirs. Strangers get
   * answers too, and need not take them.
   */
  private void leave(Future<Void> written) {
    memory.close();
    if (!written.isComplete()) {
      Flow flow = gate.flows().begin(carrier.line(), carrier::abort);
      boolean _ = flow.take(ANSWER_BYTES);
      written.onComplete(_ -> flow.end());
    }
  }
}
