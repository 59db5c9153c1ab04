package dev.writ.sidecar.outbound;

import dev.writ.sidecar.Address;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpConnectOptions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The connections of one event loop to one address for one service. Our own pool, because a call
 * has to know what its connection was told. Belongs to its event loop.
 */
final class Connections {
  private static final int LIMIT = 512;
  private static final long WAIT_MS = 10_000;

  /**
   * Below what servers and balancers allow, and below what a gate does whose pod leaves: it is not
   * used any more when they end it.
   */
  private static final long IDLE_MS = 2_000;

  private final Vertx vertx;
  private final HttpClientAgent client;
  private final Address address;
  private final CallContext context;
  private final Deque<Peer> idle = new ArrayDeque<>();
  private final Deque<Promise<Peer>> waiting = new ArrayDeque<>();
  private int open;

  Connections(Vertx vertx, HttpClientAgent client, Address address, CallContext context) {
    this.vertx = vertx;
    this.client = client;
    this.address = address;
    this.context = context;
  }

  /**
   * A connection for one call; it comes back by {@link #release} or {@link #discard}. The most
   * recently used idle one, else a new one.
   */
  Future<Peer> acquire() {
    expire(context.time().moment().monotonicMillis());
    for (Peer peer = idle.pollLast(); peer != null; peer = idle.pollLast()) {
      if (peer.isUsable()) {
        return Future.succeededFuture(peer);
      }
      discard(peer);
    }
    return acquireNew();
  }

  /** A new connection, for a call whose idle one turned out to be dead. */
  Future<Peer> acquireNew() {
    if (open < LIMIT) {
      return connect();
    }
    Promise<Peer> promise = Promise.promise();
    waiting.addLast(promise);
    long timer =
        vertx.setTimer(
            WAIT_MS,
            _ -> {
              waiting.remove(promise);
              promise.tryFail(
                  Failure.unreachable(
                      "All " + LIMIT + " connections to " + address + " are in use."));
            });
    return promise.future().onComplete(_ -> vertx.cancelTimer(timer));
  }

  /** The call is over; the connection carries another if it can. */
  void release(Peer peer) {
    if (!peer.isUsable()) {
      discard(peer);
      return;
    }
    Promise<Peer> next = waiting.pollFirst();
    if (next != null) {
      next.complete(peer);
      return;
    }
    peer.idleSince(context.time().moment().monotonicMillis());
    idle.addLast(peer);
  }

  /** The connection must not be used again. */
  void discard(Peer peer) {
    idle.remove(peer);
    peer.wire().close();
  }

  /** Closes what was idle for too long. */
  void expire(long now) {
    while (!idle.isEmpty() && now - idle.peekFirst().idleSince() > IDLE_MS) {
      discard(idle.removeFirst());
    }
  }

  boolean isEmpty() {
    return open == 0 && waiting.isEmpty();
  }

  private Future<Peer> connect() {
    open++;
    return client
        .connect(new HttpConnectOptions().setHost(address.host()).setPort(address.port()))
        .transform(
            result -> {
              if (result.failed()) {
                ended();
                return Future.failedFuture(Failure.unsent("Couldn't connect to " + address + "."));
              }
              Peer peer = new Peer(result.result(), context);
              result
                  .result()
                  .closeHandler(
                      _ -> {
                        peer.markClosed();
                        idle.remove(peer);
                        ended();
                      });
              return Future.succeededFuture(peer);
            });
  }

  private void ended() {
    open--;
    Promise<Peer> next = waiting.pollFirst();
    if (next != null) {
      connect().onComplete(next);
    }
  }
}
