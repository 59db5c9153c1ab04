package dev.writ.sidecar.gate;

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
  private final Gate gate;
  private final ConnectionLimits limits;
  private final Channel channel;
  private final Consumer<Http2Line> began;
  private final Set<Http2Stream> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private long since;

  /**
   * One that may come to be.
   *
   * @param began told when it speaks HTTP/2
   */
  Http2Line(Gate gate, ConnectionLimits limits, Channel channel, Consumer<Http2Line> began) {
    this.gate = gate;
    this.limits = limits;
    this.channel = channel;
    this.began = began;
    this.since = limits.nanos();
  }

  @Override
  public void began() {
    since = limits.nanos();
    began.accept(this);
  }

  @Override
  public void refused(String reason) {
    gate.metrics().refusedFraming(reason);
  }

  @Override
  public void handle(HttpServerRequest request) {
    Http2Stream stream = new Http2Stream(request, this, limits);
    open.add(stream);
    new Exchange(gate, request, stream).start();
  }

  /** Its exchange is over, the peer has not all of it yet. */
  void finishing(Http2Stream stream) {
    open.add(stream);
  }

  void answered(Http2Stream stream) {
    open.remove(stream);
    since = limits.nanos();
  }

  /** Ends what takes too long. Called about once a second. */
  void check(long nanos) {
    if (open.isEmpty() && nanos - since > limits.idleNanos()) {
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
