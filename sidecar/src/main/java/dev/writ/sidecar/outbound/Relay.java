package dev.writ.sidecar.outbound;

import dev.writ.sidecar.flow.Flow;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Pour;
import dev.writ.sidecar.flow.Tunnel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** Gives a reply to the app as it comes, at the pace of the slower side. */
final class Relay {
  private static final int SWITCHING_PROTOCOLS = 101;

  /** What is below is followed by the reply proper. */
  private static final int FIRST_FINAL = 200;

  private Relay() {}

  /**
   * Streams status, fields, body and trailers.
   *
   * @param flows of this event loop
   * @return completes when all was written; fails, with the app's connection reset, when either
   *     side ended early, or the app takes nothing of what others need the memory of
   */
  static Future<Void> reply(
      HttpServerRequest request,
      HttpClientRequest upstream,
      HttpClientResponse reply,
      Flows flows,
      boolean underContract) {
    boolean asked = reply.statusCode() == SWITCHING_PROTOCOLS && Hops.isUpgrade(request.headers());
    if (reply.statusCode() < FIRST_FINAL && !asked) {
      // What follows it would be taken for the next reply.
      upstream.reset();
      return Future.failedFuture(
          Failure.unreachable("The reply had status " + reply.statusCode() + " unasked."));
    }
    HttpServerResponse response = request.response();
    response.setStatusCode(reply.statusCode()).setStatusMessage(reply.statusMessage());
    Hops.copyReply(reply.headers(), response.headers(), underContract);
    if (asked) {
      response.headers().set("Connection", "Upgrade");
      String protocol = reply.getHeader("Upgrade");
      if (protocol != null) {
        response.headers().set("Upgrade", protocol);
      }
      NetSocket there = reply.netSocket();
      there.pause();
      Context context = Objects.requireNonNull(Vertx.currentContext(), "on an event loop");
      return request
          .toNetSocket()
          .onFailure(_ -> there.close())
          .map(
              app ->
                  join(
                      new Tunnel.Side(app, request.connection()),
                      new Tunnel.Side(there, upstream.connection()),
                      context,
                      flows));
    }
    if (!response.headers().contains("content-length")) {
      response.setChunked(true);
    }
    if (Onward.isGrpc(request) && !response.headers().contains("grpc-status")) {
      // Else the head says that there is no more than it, and both have to leave at once.
      response.writeHead();
    }
    Promise<Void> done = Promise.promise();
    // A stream of HTTP/2 closes with its last frame, before that is said to be written.
    AtomicBoolean whole = new AtomicBoolean();
    response.closeHandler(
        _ -> {
          if (!whole.get() && done.tryFail(Failure.unreachable("The app went away."))) {
            upstream.reset();
          }
        });
    // Ending a broken body would make it look whole: reset instead.
    Handler<Throwable> broken =
        cause -> {
          if (done.tryFail(cause)) {
            response.reset();
            upstream.reset();
          }
        };
    Flow flow =
        flows.begin(
            new Flows.Line(),
            () -> broken.handle(Failure.unreachable("The app does not take the reply.")));
    boolean socket = reply.version() != HttpVersion.HTTP_2;
    Pour pour = new Pour(reply, socket ? upstream.connection() : null, response, flow);
    reply.handler(pour::write);
    reply.exceptionHandler(broken);
    reply.endHandler(
        _ -> {
          if (!reply.trailers().isEmpty()) {
            response.trailers().addAll(reply.trailers());
          }
          whole.set(true);
          response
              .end()
              .onSuccess(
                  _ -> {
                    if (request.version() == HttpVersion.HTTP_2 && !request.isEnded()) {
                      upstream.reset(Onward.CANCEL);
                      Onward.leave(request);
                    }
                    done.tryComplete();
                  })
              .onFailure(broken);
        });
    reply.resume();
    done.future().onComplete(_ -> flow.end());
    return done.future();
  }

  /** Connects two sockets until one side ends, then ends the other. */
  static Void join(Tunnel.Side app, Tunnel.Side there, Context context, Flows flows) {
    Tunnel.join(app, there, context, flows, new Flows.Line(), new Tunnel.Events() {});
    return nothing();
  }

  @SuppressWarnings("NullAway")
  private static Void nothing() {
    return null;
  }
}
