package dev.writ.sidecar.outbound;

import dev.writ.sidecar.Address;
import dev.writ.sidecar.flow.Flows;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;

/** A call that no contract covers: a plain forward proxy, streaming both ways. */
final class PassThrough {
  private PassThrough() {}

  /**
   * Forwards the call.
   *
   * @param flows of this event loop
   * @param to where to connect
   * @return completes when the app has the whole reply; fails with {@link Failure} when nothing was
   *     answered yet
   */
  static Future<Void> forward(
      HttpClientAgent client, HttpServerRequest request, Flows flows, Target target, Address to) {
    RequestOptions options =
        new RequestOptions()
            .setServer(SocketAddress.inetSocketAddress(to.port(), to.host()))
            .setHost(target.address().host())
            .setPort(target.address().port())
            .setMethod(request.method())
            .setURI(target.path());
    return client
        .request(options)
        .recover(_ -> Future.failedFuture(Failure.unreachable("Couldn't connect to " + to + ".")))
        .compose(
            upstream -> {
              upstream.exceptionHandler(_ -> {});
              // An answer may be minutes away: who hangs up before it is told on at once.
              request.response().closeHandler(_ -> upstream.reset());
              return send(upstream, request, flows, target)
                  .recover(
                      _ ->
                          Future.failedFuture(
                              Failure.unreachable(
                                  "The connection to " + to + " ended before a reply came.")))
                  .compose(reply -> Relay.reply(request, upstream, reply, flows, false));
            });
  }

  private static Future<HttpClientResponse> send(
      HttpClientRequest upstream, HttpServerRequest request, Flows flows, Target target) {
    Hops.copyRequest(request.headers(), upstream.headers(), false);
    Onward.name(upstream, target.authority());
    if (Onward.isGrpc(request)) {
      Onward.trailers(request, upstream);
      return stream(upstream, request, flows);
    }
    if (Hops.isUpgrade(request.headers())) {
      upstream.headers().set("Connection", "Upgrade").set("Upgrade", request.getHeader("Upgrade"));
      return upstream.connect();
    }
    String length = request.getHeader("Content-Length");
    if (length != null) {
      upstream.headers().set("Content-Length", length);
    } else if (request.headers().contains("Transfer-Encoding")
        || request.version() == HttpVersion.HTTP_2) {
      upstream.setChunked(true);
    } else {
      request.resume();
      return upstream.send();
    }
    return stream(upstream, request, flows);
  }

  private static Future<HttpClientResponse> stream(
      HttpClientRequest upstream, HttpServerRequest request, Flows flows) {
    StreamedBody body = new StreamedBody(request, flows);
    // It is sent once.
    body.settle();
    body.sendTo(upstream);
    return upstream.response();
  }
}
