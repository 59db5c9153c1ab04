package dev.writ.sidecar.outbound;

import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Locale;

/** In which version of HTTP a request goes on: gRPC over HTTP/2, all else over HTTP/1.1. */
final class Onward {
  /** Error code of HTTP/2 for a stream that nobody waits for. */
  static final long CANCEL = 8;

  private static final long NO_ERROR = 0;

  private Onward() {}

  /** Whether the app calls by gRPC. */
  static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    return request.version() == HttpVersion.HTTP_2
        && type != null
        && type.toLowerCase(Locale.ROOT).startsWith("application/grpc");
  }

  /** Says whom the request is for, where its version says it. */
  static void name(HttpClientRequest upstream, String authority) {
    HostAndPort named =
        upstream.version() == HttpVersion.HTTP_2 ? HostAndPort.parseAuthority(authority, -1) : null;
    if (named == null) {
      upstream.headers().set("Host", authority);
    } else {
      upstream.authority(named);
    }
  }

  /** What only gRPC has: its servers want to hear that trailers are read. */
  static void trailers(HttpServerRequest request, HttpClientRequest upstream) {
    if (isGrpc(request)) {
      upstream.headers().set("te", "trailers");
    }
  }

  /** The reply is whole, and the app still sends: nobody reads that. */
  static void leave(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2 && !request.isEnded()) {
      request.response().reset(NO_ERROR);
    }
  }
}
