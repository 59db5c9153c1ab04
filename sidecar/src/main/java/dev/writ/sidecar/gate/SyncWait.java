package dev.writ.sidecar.gate;

import dev.writ.sidecar.Configuration.Cluster;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/**
 * Holds back calls under {@code audit: Sync} until the log has their records. (audit.md, Record)
 */
final class SyncWait {
  /** A log that takes longer is as good as gone: the caller gets 503 and may come again. */
  private static final long PATIENCE_MILLIS = 10_000;

  private final Vertx vertx;
  private final Context context;
  private final GateParts parts;

  SyncWait(Vertx vertx, Context context, GateParts parts) {
    this.vertx = vertx;
    this.context = context;
    this.parts = parts;
  }

  /**
   * Runs {@code then} exactly once on the gate's event loop: with true when the log has the record,
   * with false when it did not say so in time, or when there is no log (standalone mode).
   */
  void until(long seq, Consumer<Boolean> then) {
    if (!(parts.configuration().source() instanceof Cluster)) {
      then.accept(false);
      return;
    }
    Once once = new Once(then);
    long timer = vertx.setTimer(PATIENCE_MILLIS, _ -> once.run(false));
    parts
        .journal()
        .whenStored(
            seq,
            () ->
                context.runOnContext(
                    _ -> {
                      vertx.cancelTimer(timer);
                      once.run(true);
                    }));
  }

  /** On one event loop, so no lock. */
  private static final class Once {
    private final Consumer<Boolean> then;
    private boolean ran;

    Once(Consumer<Boolean> then) {
      this.then = then;
    }

    void run(boolean stored) {
      if (!ran) {
        ran = true;
        then.accept(stored);
      }
    }
  }
}
