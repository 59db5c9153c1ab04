package dev.writ.sidecar.flow;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * One way of a flow: whoever sends waits until whoever receives has taken enough. Lives on one
 * event loop.
 */
public final class Pour {
  /** Bytes that wait for the receiver before the sender has to. */
  static final int MOST_UNSENT = 64 * 1024;

  /**
   * What may still come of a sender that was told to wait: one read of a socket, or the window of a
   * stream of HTTP/2.
   */
  static final int UNDERWAY = 64 * 1024;

  private final ReadStream<Buffer> from;
  private final @Nullable Channel socket;
  private final WriteStream<Buffer> to;
  private final Flow flow;
  private int unsent;
  private boolean waiting;

  /**
   * A way from one to the other. Nothing is read or written yet.
   *
   * @param connection that {@code from} is all of: it stops at the socket. Null for a stream of
   *     HTTP/2, whose window does the same
   */
  public Pour(
      ReadStream<Buffer> from, @Nullable Object connection, WriteStream<Buffer> to, Flow flow) {
    this.from = from;
    this.socket = connection instanceof ConnectionBase base ? base.channel() : null;
    this.to = to;
    this.flow = flow;
  }

  /** Gives a part to the receiver. Dropped when the flow has ended. */
  public void write(Buffer part) {
    int length = part.length();
    if (!flow.take(length)) {
      return;
    }
    unsent += length;
    to.write(part)
        .onComplete(
            _ -> {
              unsent -= length;
              flow.moved(length);
              goOn();
            });
    if (!waiting && (unsent > MOST_UNSENT || to.writeQueueFull())) {
      hold();
    }
  }

  /**
   * Gives the last part to the receiver.
   *
   * @return done when it has that; fails when the flow has ended
   */
  public Future<Void> end(Buffer last) {
    return flow.take(last.length()) ? to.end(last) : Future.failedFuture("the flow has ended");
  }

  private void hold() {
    if (!flow.take(UNDERWAY)) {
      return;
    }
    waiting = true;
    from.pause();
    if (socket != null) {
      // Pausing the stream alone would let two dozen more parts come.
      socket.config().setAutoRead(false);
    }
    to.drainHandler(_ -> goOn());
  }

  private void goOn() {
    if (waiting && !flow.isEnded() && unsent <= MOST_UNSENT / 2 && !to.writeQueueFull()) {
      waiting = false;
      flow.release(UNDERWAY);
      if (socket != null) {
        socket.config().setAutoRead(true);
      }
      from.resume();
    }
  }
}
