package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Flow;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Pour;
import dev.writ.sidecar.flow.Tunnel;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries one call to the app and streams its answer back: as it comes, as fast as the caller takes
 * it, and no longer than the caller is there. Lives on one event loop. (actions.md, Streaming
 * responses)
 */
final class Relay {
  private static final int SWITCHING_PROTOCOLS = 101;

  /** What is below is followed by the answer proper. */
  private static final int FIRST_FINAL = 200;

  private static final int LAST = 999;

  /** Error code of HTTP/2; over HTTP/1.1 the connection ends. */
  private static final long CANCEL = 8;

  /** In the head it says that the answer has no more than that: then both have to leave at once. */
  private static final String GRPC_STATUS = "grpc-status";

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Carrier carrier;
  private final Context context;
  private final Flows flows;
  private final Events events;
  private final boolean http2;
  private @Nullable HttpClientRequest toApp;
  private @Nullable HttpClientResponse fromApp;
  private boolean upgrading;
  private @Nullable Tunnel tunnel;
  private @Nullable Flow upward;
  private @Nullable AnswerStream downward;
  private boolean finished;

  /**
   * What the relay tells; exactly one of {@code ended}, {@code unreachable} and {@code stopped},
   * once.
   */
  interface Events {
    /** The app's answer has begun: the gate's own headers can be set. */
    void answering(HttpServerResponse response);

    /**
     * A part of the answer, before it goes on.
     *
     * @return what goes on now, may be empty
     */
    default Buffer part(Buffer part) {
      return part;
    }

    /**
     * The answer is whole.
     *
     * @return what was held back of it and goes on now, may be empty
     */
    default Buffer rest() {
      return Buffer.buffer();
    }

    /** A part of the request goes on to the app. */
    default void sent() {}

    /** Something went through a tunnel, one way or the other. */
    default void moved() {}

    /** It is about to be ended because it holds memory that others need. */
    default void crowdedOut() {}

    /**
     * It is over, well or not.
     *
     * @param status of the app, 0 when none came
     */
    void ended(int status);

    /** The app gave no answer and the caller still waits for one. */
    void unreachable(Throwable cause);

    /** It was ended by {@link #stop} before the app gave an answer: the caller waits for one. */
    void stopped();
  }

  Relay(HttpServerRequest request, Carrier carrier, Context context, Flows flows, Events events) {
    this.request = request;
    this.response = request.response();
    this.http2 = request.version() == HttpVersion.HTTP_2;
    this.carrier = carrier;
    this.context = context;
    this.flows = flows;
    this.events = events;
  }

  /**
   * Sends the call.
   *
   * @param to target, headers and address
   * @param named what the caller named, for HTTP/2; null where a field says it
   * @param body what was read of the body
   * @param whole whether that is all of it; if not, the rest follows as it comes
   */
  void send(
      HttpClient client,
      RequestOptions to,
      @Nullable HostAndPort named,
      Buffer body,
      boolean whole) {
    if (!listens()) {
      return;
    }
    if (!whole) {
      request.pause();
    }
    connect(
        client,
        to,
        opened -> {
          if (named != null) {
            opened.authority(named);
          }
          send(opened, body, whole);
        });
  }

  /**
   * Asks the app for another protocol. When it agrees, what either side says goes to the other as
   * it is until one of them ends it; when not, its answer is one as any other.
   *
   * @param to target, headers and address
   */
  void open(HttpClient client, RequestOptions to) {
    if (!listens()) {
      return;
    }
    connect(
        client,
        to,
        opened -> {
          upgrading = true;
          toApp = opened;
          opened.exceptionHandler(this::failed);
          opened.connect().onComplete(this::answered);
        });
  }

  private void connect(HttpClient client, RequestOptions to, Consumer<HttpClientRequest> then) {
    client
        .request(to)
        .onComplete(
            opened -> {
              if (opened.failed()) {
                failed(opened.cause());
              } else if (finished) {
                // Nobody waits for it, also not for the word that it was reset.
                opened.result().exceptionHandler(_ -> {}).reset();
              } else {
                then.accept(opened.result());
              }
            });
  }

  /** Whether the caller is still there. It may have left while the call waited. */
  private boolean listens() {
    if (response.closed()) {
      hungUp();
      return false;
    }
    response.closeHandler(_ -> hungUp());
    response.exceptionHandler(_ -> hungUp());
    return true;
  }

  private void answered(AsyncResult<HttpClientResponse> answer) {
    if (answer.failed()) {
      failed(answer.cause());
    } else if (upgrading && answer.result().statusCode() == SWITCHING_PROTOCOLS) {
      switched(answer.result());
    } else {
      answer(answer.result());
    }
  }

  /** The app agreed. */
  private void switched(HttpClientResponse answer) {
    NetSocket app = answer.netSocket();
    app.pause();
    if (finished) {
      app.close();
      return;
    }
    fromApp = answer;
    response.closeHandler(null).exceptionHandler(null);
    response.setStatusCode(SWITCHING_PROTOCOLS);
    AnswerFields.copy(answer.headers(), response.headers());
    events.answering(response);
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
    response.putHeader(HttpHeaders.UPGRADE, "websocket");
    request
        .toNetSocket()
        .onComplete(
            caller -> {
              if (caller.failed() || finished) {
                app.close();
                over();
              } else {
                carrier.tunnel();
                tunnel =
                    Tunnel.join(
                        new Tunnel.Side(caller.result(), request.connection()),
                        new Tunnel.Side(app, answer.request().connection()),
                        context,
                        flows,
                        carrier.line(),
                        tunnelled());
              }
            });
  }

  private Tunnel.Events tunnelled() {
    return new Tunnel.Events() {
      @Override
      public void moved() {
        events.moved();
      }

      @Override
      public void ended() {
        over();
      }

      @Override
      public void crowdedOut() {
        Relay.this.crowdedOut();
      }
    };
  }

  /** The tunnel ended, at either side. */
  private void over() {
    if (!finished) {
      finished = true;
      events.ended(SWITCHING_PROTOCOLS);
    }
  }

  private void send(HttpClientRequest opened, Buffer body, boolean whole) {
    toApp = opened;
    opened.exceptionHandler(this::failed);
    opened.response().onComplete(this::answered);
    if (whole && body.length() == 0) {
      opened.end();
    } else if (whole) {
      opened.end(body);
    } else {
      if (body.length() > 0) {
        opened.write(body);
      } else if (http2) {
        // The app may be the one who speaks first.
        opened.writeHead();
      }
      pour(opened);
    }
  }

  /** The rest of the request goes on as it comes. */
  private void pour(HttpClientRequest opened) {
    Flow flow = flows.begin(carrier.line(), this::crowdedOut);
    upward = flow;
    Pour pour = new Pour(request, http2 ? null : request.connection(), opened, flow);
    request.handler(
        part -> {
          carrier.progressed();
          events.sent();
          pour.write(part);
        });
    request.endHandler(_ -> opened.end());
    // A body that broke off must not end as if it were whole.
    request.exceptionHandler(_ -> broke());
    request.resume();
  }

  private void answer(HttpClientResponse answer) {
    if (finished) {
      return;
    }
    if (answer.statusCode() < FIRST_FINAL || answer.statusCode() > LAST) {
      answer.exceptionHandler(_ -> {});
      // The Upgrade field was removed: an app that switches all the same would put bytes past the
      // gate. And what follows another of these would be taken for the next answer.
      failed(new IllegalStateException("the app answered " + answer.statusCode() + " unasked"));
      return;
    }
    fromApp = answer;
    response.setStatusCode(answer.statusCode()).setStatusMessage(answer.statusMessage());
    AnswerFields.copy(answer.headers(), response.headers());
    events.answering(response);
    boolean bodyless =
        request.method().equals(HttpMethod.HEAD)
            || answer.statusCode() == 204
            || answer.statusCode() == 304;
    if (!bodyless && !response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
    AnswerStream stream =
        new AnswerStream(answer, response, context, flows.begin(carrier.line(), this::crowdedOut));
    downward = stream;
    answer.handler(part -> stream.part(events.part(part)));
    answer.endHandler(_ -> complete(answer, stream));
    answer.exceptionHandler(_ -> broke());
    if (!answer.headers().contains(GRPC_STATUS)) {
      stream.flushSoon();
    }
  }

  private void complete(HttpClientResponse answer, AnswerStream stream) {
    if (finished) {
      return;
    }
    Buffer rest = events.rest();
    if (finished) {
      return;
    }
    finished = true;
    // Told first: once the last part is written the connection may close, and a stopping process
    // must not write its last record before the one of this end.
    events.ended(answer.statusCode());
    if (http2 && !answer.trailers().isEmpty()) {
      AnswerFields.copy(answer.trailers(), response.trailers());
    }
    Future<Void> written = stream.end(rest);
    carrier.finishing(written);
    if (http2 && !request.isEnded()) {
      // An answer to a stream that the caller has not ended: nobody reads the rest of it.
      cancel(toApp);
      release(upward);
      written.onComplete(_ -> carrier.linger());
    }
  }

  /**
   * The app's answer broke off, or the rest of the request did: the caller must not take what it
   * has for the whole.
   */
  private void broke() {
    if (!finished) {
      close();
      events.ended(status());
      carrier.abort();
    }
  }

  private void failed(Throwable cause) {
    if (fromApp != null) {
      broke();
    } else if (!finished) {
      close();
      events.unreachable(cause);
    }
  }

  /** What it holds is needed by others, and nobody takes it. */
  private void crowdedOut() {
    if (!finished) {
      events.crowdedOut();
      broke();
    } else {
      // The answer is whole, the caller has not taken the last of it.
      carrier.abort();
    }
  }

  /** Ends it at both sides. Where the answer has begun, the caller sees it broken off. */
  void stop() {
    if (finished) {
      return;
    }
    close();
    if (fromApp == null) {
      events.stopped();
    } else {
      events.ended(status());
      carrier.abort();
    }
  }

  private void hungUp() {
    if (!finished) {
      close();
      events.ended(status());
    }
  }

  private int status() {
    HttpClientResponse answer = fromApp;
    return answer == null ? 0 : answer.statusCode();
  }

  /** Nothing goes either way any more, and nothing is kept. */
  private void close() {
    finished = true;
    Tunnel open = tunnel;
    AnswerStream stream = downward;
    if (open != null) {
      open.close();
    } else {
      cancel(toApp);
    }
    if (stream != null) {
      stream.drop();
    }
    release(upward);
  }

  private static void cancel(@Nullable HttpClientRequest sent) {
    if (sent != null) {
      sent.reset(CANCEL);
    }
  }

  private static void release(@Nullable Flow flow) {
    if (flow != null) {
      flow.end();
    }
  }
}
