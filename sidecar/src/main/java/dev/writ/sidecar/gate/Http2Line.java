package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Kept;
import dev.writ.sidecar.h2c.PriorKnowledge;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A connection that speaks HTTP/2: each of its streams is an exchange of its own. Bounds how long
 * bodies may take and how long nothing may be asked. Lives on one event loop.
 */
final class Http2Line implements PriorKnowledge.Requests {
  /** What a connection costs, of which nothing is here but itself. Measured. */
  private static final int IDLE_BYTES = 16 * 1024;

  private final Gate gate;
  private final ConnectionLimits limits;
  private final Channel channel;
  private final Consumer<Http2Line> began;
  private final Set<Http2Stream> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Flows.Line flows = new Flows.Line();
  private final Kept kept;
  private final Kept idle;
  private long since;

  /**
   * One that may come to be.
   *
   * @param heads what is kept of those that are not whole yet: strangers can send them
   * @param idles what connections cost on which nothing is asked: of them too
   * @param began told when it speaks HTTP/2
   */
  Http2Line(
      Gate gate,
      ConnectionLimits limits,
      Flows heads,
      Flows idles,
      Channel channel,
      Consumer<Http2Line> began) {
    this.gate = gate;
    this.limits = limits;
    this.channel = channel;
    this.began = began;
    this.kept = new Kept(heads.begin(new Flows.Line(), () -> crowdedOut("heads in memory")));
    this.idle = new Kept(idles.begin(new Flows.Line(), () -> crowdedOut("idle connections")));
    this.since = limits.nanos();
  }

  @Override
  public void began() {
    since = limits.nanos();
    began.accept(this);
    reckon();
  }

  private void crowdedOut(String reason) {
    refused(reason);
    // Nobody waits for it: the connection is gone either way.
    ChannelFuture _ = channel.close();
  }

  /** The connection is gone. */
  void closed() {
    kept.end();
    idle.end();
  }

  @Override
  public void keeps(long bytes) {
    kept.keep(bytes);
  }

  @Override
  public void refused(String reason) {
    gate.metrics().refusedFraming(reason);
  }

  @Override
  public void handle(HttpServerRequest request) {
    Http2Stream stream = new Http2Stream(request, this, limits);
    open.add(stream);
    reckon();
    new Exchange(gate, request, stream).start();
  }

  Flows.Line flows() {
    return flows;
  }

  /** Its exchange is over, the peer has not all of it yet. */
  void finishing(Http2Stream stream) {
    open.add(stream);
    reckon();
  }

  void answered(Http2Stream stream) {
    open.remove(stream);
    reckon();
    since = limits.nanos();
  }

  private void reckon() {
    idle.keep(open.isEmpty() ? IDLE_BYTES : 0);
  }

  /**
   * Ends what takes too long. Called about once a second.
   *
   * @param leaving whether the pod is
   */
  void check(long nanos, boolean leaving) {
    if (open.isEmpty() && nanos - since > limits.idleNanos(leaving)) {
      // Nobody waits for it: the connection is gone either way.
      ChannelFuture _ = channel.close();
      return;
    }
    // A copy: giving one up takes it out of the set.
    for (Http2Stream stream : new HashSet<>(open)) {
      if (stream.isLate(nanos)) {
        refused("too slow");
        stream.giveUp();
      }
    }
  }
}
