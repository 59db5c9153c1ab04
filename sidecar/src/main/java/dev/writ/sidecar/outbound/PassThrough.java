package dev.writ.sidecar.outbound;

import dev.writ.sidecar.Address;
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
   * @param to where to connect
   * @return completes when the app has the whole reply; fails with {@link Failure} when nothing was
   *     answered yet
   */
  static Future<Void> forward(
      HttpClientAgent client, HttpServerRequest request, Target target, Address to) {
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
              return send(upstream, request, target)
                  .recover(
                      _ ->
                          Future.failedFuture(
                              Failure.unreachable(
                                  "The connection to " + to + " ended before a reply came.")))
                  .compose(reply -> Relay.reply(request, upstream, reply, false));
            });
  }

  private static Future<HttpClientResponse> send(
      HttpClientRequest upstream, HttpServerRequest request, Target target) {
    Hops.copyRequest(request.headers(), upstream.headers(), false);
    Onward.name(upstream, target.authority());
    if (Onward.isGrpc(request)) {
      Onward.trailers(request, upstream);
      new StreamedBody(request).sendTo(upstream);
      return upstream.response();
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
    return upstream.send(request);
  }
}
