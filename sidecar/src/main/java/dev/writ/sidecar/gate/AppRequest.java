package dev.writ.sidecar.gate;

import dev.writ.contract.Names;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Forwarding;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.RequestHead;
import dev.writ.sidecar.Address;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The request as the app gets it. (protocol.md, section 4, step 14) */
final class AppRequest {
  private final RequestOptions options;
  private final MultiMap headers = HttpHeaders.headers();
  private @Nullable HostAndPort authority;

  private AppRequest(RequestOptions options) {
    this.options = options;
  }

  /** The head without what must not pass. The length of the body is still to be said. */
  static AppRequest of(RequestHead head, Address upstream) {
    AppRequest to =
        new AppRequest(
            new RequestOptions()
                .setHost(upstream.host())
                .setPort(upstream.port())
                .setMethod(HttpMethod.valueOf(head.method()))
                .setURI(head.target()));
    Set<String> connection = Forwarding.connection(head.fields());
    for (Field field : head.fields()) {
      if (!Forwarding.stripRequest(field.name(), connection) && !ours(field.name())) {
        to.headers.add(field.name(), field.value());
      }
    }
    return to;
  }

  /** The gate answered the expectation, and says itself how long the body is that it sends. */
  private static boolean ours(String name) {
    return name.equalsIgnoreCase("expect") || name.equalsIgnoreCase("content-length");
  }

  /**
   * Says who calls.
   *
   * @param context for the app's onward calls
   */
  AppRequest identify(Granted granted, String context) {
    Chain chain = granted.chain();
    headers
        .add(Names.HEADER_SUBJECT, chain.subject())
        .add(Names.HEADER_CHAIN, String.join(", ", chain.subjects()))
        .add(Names.HEADER_ACTION, granted.action())
        .add(Names.HEADER_ID, chain.root().cid())
        .add(Names.HEADER_CONTEXT, context);
    return this;
  }

  /** Asks for an answer without content coding. */
  void uncoded() {
    headers.remove(HttpHeaders.ACCEPT_ENCODING);
    headers.remove("grpc-accept-encoding");
  }

  /**
   * Goes over HTTP/2.
   *
   * @param named what the caller named, in the place of {@code Host}
   */
  void overHttp2(HostAndPort named) {
    authority = named;
    headers.remove(HttpHeaders.HOST);
    // Hop by hop, so it was removed; without it servers of gRPC take us for one that drops
    // trailers.
    headers.set("te", "trailers");
  }

  /** What the caller named; null over HTTP/1.1, where a field says it. */
  @Nullable HostAndPort authority() {
    return authority;
  }

  /** Asks for another protocol, as the caller did. */
  void upgrade() {
    headers.set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
    headers.set(HttpHeaders.UPGRADE, "websocket");
  }

  void length(long bytes) {
    headers.set(HttpHeaders.CONTENT_LENGTH, Long.toString(bytes));
  }

  void chunked() {
    if (authority != null) {
      // Frames say where it ends.
      return;
    }
    headers.set(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CHUNKED);
  }

  RequestOptions options() {
    return options.setHeaders(headers);
  }
}
