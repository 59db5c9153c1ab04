package dev.writ.sidecar.gate;

import io.vertx.core.net.NetSocket;

/**
 * Two sockets joined: what one side says goes to the other as it is, at the pace of the slower one.
 * The first to end ends both, after what was said before. Lives on one event loop.
 */
final class Tunnel {
  private final NetSocket caller;
  private final NetSocket app;
  private final Runnable moved;
  private final Runnable over;
  private boolean ended;

  /**
   * Joins them.
   *
   * @param app is paused
   * @param moved told of each part, either way
   * @param over told once
   */
  Tunnel(NetSocket caller, NetSocket app, Runnable moved, Runnable over) {
    this.caller = caller;
    this.app = app;
    this.moved = moved;
    this.over = over;
    pour(caller, app);
    pour(app, caller);
    app.resume();
  }

  private void pour(NetSocket from, NetSocket to) {
    from.handler(
        part -> {
          moved.run();
          to.write(part);
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(_ -> from.resume());
          }
        });
    from.exceptionHandler(_ -> end());
    from.closeHandler(_ -> end());
  }

  private void end() {
    if (!ended) {
      ended = true;
      caller.end();
      app.end();
      over.run();
    }
  }

  /** Ends both at once. */
  void close() {
    ended = true;
    caller.close();
    app.close();
  }
}
