package dev.writ.sidecar.outbound;

import dev.writ.contract.json.JsonWriter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * What the helper itself answers: a problem document whose detail says what happened here. (RFC
 * 9457; protocol.md, section 5)
 */
final class Answers {
  private Answers() {}

  /** Answers, or resets the connection where the reply has begun already. */
  static void fail(HttpServerRequest request, Failure failure) {
    HttpServerResponse response = request.response();
    if (response.headWritten()) {
      response.reset();
      return;
    }
    if (response.ended() || response.closed()) {
      return;
    }
    String json =
        new JsonWriter()
            .beginObject()
            .member("type", failure.code().type())
            .member("title", failure.code().title())
            .member("status", failure.code().status())
            .member("detail", String.valueOf(failure.getMessage()))
            .member("code", failure.code().code())
            .endObject()
            .toString();
    response.headers().clear();
    response
        .setStatusCode(failure.code().status())
        .setStatusMessage("")
        .putHeader("Content-Type", "application/problem+json");
    if (request.version() != HttpVersion.HTTP_2) {
      // The rest of a body may be unread.
      response.putHeader("Connection", "close");
    }
    response.end(Buffer.buffer(json)).onComplete(_ -> request.connection().close());
    request.resume();
  }
}
