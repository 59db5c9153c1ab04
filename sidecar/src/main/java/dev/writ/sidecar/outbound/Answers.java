package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Problem;
import dev.writ.contract.grant.GrpcStatus;
import dev.writ.contract.json.JsonWriter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * What the helper itself answers: a problem document whose detail says what happened here. (RFC
 * 9457; protocol.md, section 5)
 */
final class Answers {
  private static final int MAX_PROBLEM = 64 * 1024;
  private static final long LINGER_MILLIS = 1_000;

  private Answers() {}

  /** Answers, or resets the connection where the reply has begun already. */
  static void fail(Vertx vertx, HttpServerRequest request, Failure failure) {
    HttpServerResponse response = request.response();
    if (response.headWritten()) {
      response.reset();
      return;
    }
    if (response.ended() || response.closed()) {
      return;
    }
    response.headers().clear();
    if (Onward.isGrpc(request)) {
      grpc(request, failure.code(), String.valueOf(failure.getMessage()));
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
    response
        .setStatusCode(failure.code().status())
        .setStatusMessage("")
        .putHeader("Content-Type", Problem.MEDIA_TYPE);
    if (request.version() == HttpVersion.HTTP_2) {
      response.end(Buffer.buffer(json)).onComplete(_ -> Onward.leave(request));
      return;
    }
    response
        .putHeader("Connection", "close")
        .end(Buffer.buffer(json))
        .onComplete(_ -> linger(vertx, request));
  }

  /**
   * Closes once the rest of the body has come, of which nothing is kept, or after a second: a close
   * with unread bytes would reset the connection, and the app could lose the answer.
   */
  private static void linger(Vertx vertx, HttpServerRequest request) {
    HttpConnection connection = request.connection();
    if (request.isEnded()) {
      connection.close();
      return;
    }
    vertx.setTimer(LINGER_MILLIS, _ -> connection.close());
    request.exceptionHandler(_ -> {}).handler(_ -> {}).endHandler(_ -> connection.close());
    request.resume();
  }

  /** Whether a gate refused in HTTP what the app asked by gRPC. */
  static boolean isForeign(HttpServerRequest request, HttpClientResponse reply) {
    String type = reply.getHeader("Content-Type");
    return Onward.isGrpc(request) && type != null && type.startsWith(Problem.MEDIA_TYPE);
  }

  /**
   * Tells the app of a refusal in HTTP as gRPC does: its library would show the status and not the
   * reason. (actions.md, Denials)
   */
  static Future<Void> tell(HttpServerRequest request, HttpClientResponse reply) {
    Hops.copyReply(reply.headers(), request.response().headers(), true);
    request.response().headers().remove("Content-Length");
    return Bodies.collect(reply, MAX_PROBLEM)
        .compose(
            body -> {
              try {
                Problem problem = Problem.read(body.getBytes());
                ErrorCode code = problem.code();
                return grpc(request, code, code.title() + " " + code.detail());
              } catch (MalformedException e) {
                return Future.failedFuture(
                    Failure.unreachable("What refused the call did not say why."));
              }
            });
  }

  private static Future<Void> grpc(HttpServerRequest request, ErrorCode code, String sentence) {
    HttpServerResponse response = request.response();
    response.setStatusCode(200).putHeader("Content-Type", "application/grpc");
    GrpcStatus.fields(code, sentence)
        .forEach(field -> response.putHeader(field.name(), field.value()));
    return response.end().onComplete(_ -> Onward.leave(request));
  }
}
