package dev.writ.sidecar.outbound;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicBoolean;

/** Gives a reply to the app as it comes, at the pace of the slower side. */
final class Relay {
  private Relay() {}

  /**
   * Streams status, fields, body and trailers.
   *
   * @return completes when all was written; fails, with the app's connection reset, when either
   *     side ended early
   */
  static Future<Void> reply(
      HttpServerRequest request,
      HttpClientRequest upstream,
      HttpClientResponse reply,
      boolean underContract) {
    HttpServerResponse response = request.response();
    response.setStatusCode(reply.statusCode()).setStatusMessage(reply.statusMessage());
    Hops.copyReply(reply.headers(), response.headers(), underContract);
    if (reply.statusCode() == 101) {
      response.headers().set("Connection", "Upgrade");
      String protocol = reply.getHeader("Upgrade");
      if (protocol != null) {
        response.headers().set("Upgrade", protocol);
      }
      NetSocket there = reply.netSocket();
      there.pause();
      return request.toNetSocket().onFailure(_ -> there.close()).map(app -> join(app, there));
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
    reply
        .pipe()
        .endOnFailure(false)
        .endOnSuccess(false)
        .to(response)
        .compose(
            _ -> {
              if (!reply.trailers().isEmpty()) {
                response.trailers().addAll(reply.trailers());
              }
              whole.set(true);
              return response.end();
            })
        .onSuccess(
            _ -> {
              if (request.version() == HttpVersion.HTTP_2 && !request.isEnded()) {
                upstream.reset(Onward.CANCEL);
                Onward.leave(request);
              }
              done.tryComplete();
            })
        .onFailure(
            cause -> {
              if (done.tryFail(cause)) {
                response.reset();
                upstream.reset();
              }
            });
    return done.future();
  }

  /** Connects two sockets until one side ends, then ends the other. */
  static Void join(NetSocket one, NetSocket other) {
    one.pipeTo(other).onFailure(_ -> other.close());
    other.pipeTo(one).onFailure(_ -> one.close());
    one.closeHandler(_ -> other.close());
    other.closeHandler(_ -> one.close());
    return nothing();
  }

  @SuppressWarnings("NullAway")
  private static Void nothing() {
    return null;
  }
}
