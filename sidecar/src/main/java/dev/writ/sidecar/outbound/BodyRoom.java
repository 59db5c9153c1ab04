package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.sidecar.flow.BodyBudget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * What one call holds of the memory for bodies. An app whose bodies fill it is made to wait before
 * it is refused: its other calls end meanwhile. Belongs to its event loop.
 */
final class BodyRoom {
  private static final long LOOK_MS = 20;
  private static final long WAIT_MS = 10_000;

  private final BodyBudget.Part part;
  private final Vertx vertx;
  private boolean closed;

  BodyRoom(BodyBudget budget, Vertx vertx) {
    this.part = budget.part();
    this.vertx = vertx;
  }

  /** Takes so many bytes more. Fails with {@link Failure} when there were none for a while. */
  Future<Void> take(long bytes) {
    if (part.take(bytes)) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    long[] left = {WAIT_MS / LOOK_MS};
    vertx.setPeriodic(
        LOOK_MS,
        timer -> {
          if (closed || part.take(bytes)) {
            vertx.cancelTimer(timer);
            promise.complete();
          } else if (--left[0] <= 0) {
            vertx.cancelTimer(timer);
            promise.fail(
                new Failure(
                    ErrorCode.TOO_MANY_CONCURRENT,
                    "The bodies of this app's calls fill the helper's memory: make fewer calls with"
                        + " large bodies at once, or give the sidecar more memory."));
          }
        });
    return promise.future();
  }

  /** The call is over. */
  void close() {
    closed = true;
    part.close();
  }
}
