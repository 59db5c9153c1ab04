package dev.writ.sidecar.process;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server of gRPC without generated code: messages are bytes, and it remembers what it saw. */
final class GrpcApp implements AutoCloseable {
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final CountDownLatch cancelled = new CountDownLatch(1);
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  /**
   * One call that reached the app.
   *
   * @param body as far as it came
   */
  record Seen(
      HttpVersion version,
      String path,
      String authority,
      Map<String, String> fields,
      Buffer body) {}

  GrpcApp() {
    server = vertx.createHttpServer().requestHandler(this::handle).listen(0, "127.0.0.1").await();
  }

  int port() {
    return server.actualPort();
  }

  /** A message behind its prefix. */
  static Buffer message(String text) {
    return Buffer.buffer().appendByte((byte) 0).appendInt(text.length()).appendString(text);
  }

  private void handle(HttpServerRequest request) {
    Map<String, String> fields = new TreeMap<>();
    request.headers().forEach(fields::put);
    Seen call =
        new Seen(
            request.version(),
            request.path(),
            String.valueOf(request.authority()),
            fields,
            Buffer.buffer());
    seen.add(call);
    request.response().putHeader("content-type", "application/grpc");
    request.response().putHeader("capability-receipt", "forged");
    request.response().exceptionHandler(_ -> cancelled.countDown());
    switch (request.path().substring(request.path().lastIndexOf('/') + 1)) {
      // Trailers alone.
      case "Fail" -> request.response().putHeader("grpc-status", "5").end();
      // Each message comes back before the next is there.
      case "Echo" -> {
        request.response().writeHead();
        request.handler(part -> request.response().write(part));
        request.endHandler(_ -> end(request));
      }
      case "Flood" -> flood(request.response());
      // Speaks first and for ever.
      case "Watch" -> {
        request.response().write(message("first"));
        request.handler(call.body()::appendBuffer);
      }
      default -> {
        request.handler(call.body()::appendBuffer);
        request.endHandler(
            _ -> {
              request.response().write(message("done"));
              end(request);
            });
      }
    }
  }

  /** As much as is taken, without end. */
  private static void flood(HttpServerResponse response) {
    response.drainHandler(_ -> flood(response));
    while (!response.closed() && !response.writeQueueFull()) {
      response.write(message("x".repeat(8_000)));
    }
  }

  private static void end(HttpServerRequest request) {
    request
        .response()
        .putTrailer("grpc-status", "0")
        .putTrailer("capability-remaining", "forged")
        .end();
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
