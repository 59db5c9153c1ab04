package dev.writ.sidecar.flow;

import io.vertx.core.Context;
import io.vertx.core.net.NetSocket;

/**
 * Two sockets joined: what one side says goes to the other as it is, at the pace of the slower one.
 * The first to end ends both, after what was said before. Lives on one event loop.
 */
public final class Tunnel {
  /** How long either side may take for the last of it. */
  private static final long GOODBYE_MILLIS = 10_000;

  private final Side one;
  private final Side other;
  private final Context context;
  private final Events events;
  private final Flow there;
  private final Flow back;
  private boolean ended;

  /** What a tunnel tells. */
  public interface Events {
    /** A part goes on, either way. */
    default void moved() {}

    /** A side ended it. At most one of this and {@code crowdedOut}, once. */
    default void ended() {}

    /** It was ended because it held what others need. */
    default void crowdedOut() {}
  }

  /**
   * One end of a tunnel.
   *
   * @param connection that the socket is all of: itself, or that of HTTP which it was before
   */
  public record Side(NetSocket socket, Object connection) {
    /** A connection that never was anything else. */
    public static Side of(NetSocket socket) {
      return new Side(socket, socket);
    }
  }

  private Tunnel(
      Side one, Side other, Context context, Flows flows, Flows.Line line, Events events) {
    this.one = one;
    this.other = other;
    this.context = context;
    this.events = events;
    this.there = flows.begin(line, this::crowdOut);
    this.back = flows.begin(line, this::crowdOut);
  }

  /**
   * Joins them.
   *
   * @param other is paused
   * @param line of the first
   */
  public static Tunnel join(
      Side one, Side other, Context context, Flows flows, Flows.Line line, Events events) {
    Tunnel tunnel = new Tunnel(one, other, context, flows, line, events);
    tunnel.pour(one, other, tunnel.there);
    tunnel.pour(other, one, tunnel.back);
    other.socket.resume();
    return tunnel;
  }

  private void pour(Side side, Side to, Flow flow) {
    NetSocket from = side.socket;
    Pour pour = new Pour(from, side.connection, to.socket, flow);
    from.handler(
        part -> {
          events.moved();
          pour.write(part);
        });
    from.exceptionHandler(_ -> end());
    from.closeHandler(_ -> end());
  }

  private void end() {
    if (!ended) {
      ended = true;
      one.socket.end();
      other.socket.end();
      // A peer that never takes what was said before must not keep us.
      context.owner().setTimer(GOODBYE_MILLIS, _ -> close());
      events.ended();
    }
  }

  private void crowdOut() {
    boolean told = ended;
    close();
    if (!told) {
      events.crowdedOut();
    }
  }

  /** Ends both at once; nobody is told. */
  public void close() {
    ended = true;
    there.end();
    back.end();
    one.socket.close();
    other.socket.close();
  }
}
