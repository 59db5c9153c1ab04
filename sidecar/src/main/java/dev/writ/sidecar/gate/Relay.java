package dev.writ.sidecar.gate;

import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Forwarding;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries one call to the app and streams its answer back: as it comes, as fast as the caller takes
 * it, and no longer than the caller is there. Lives on one event loop. (actions.md, Streaming
 * responses)
 */
final class Relay {
  private static final int SWITCHING_PROTOCOLS = 101;

  /** How long a caller may take for the last of a tunnel. */
  private static final long GOODBYE_MILLIS = 10_000;

  /** Error code of HTTP/2; over HTTP/1.1 the connection ends. */
  private static final long CANCEL = 8;

  /**
   * Bytes of an answer that wait for the caller. Over HTTP/2 the queue of a stream is full after so
   * many parts, whatever their length.
   */
  private static final int MOST_UNSENT = 128 * 1024;

  /** In the head it says that the answer has no more than that: then both have to leave at once. */
  private static final String GRPC_STATUS = "grpc-status";

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Carrier carrier;
  private final Context context;
  private final Events events;
  private @Nullable HttpClientRequest toApp;
  private @Nullable HttpClientResponse fromApp;
  private @Nullable Buffer pending;
  private final boolean http2;
  private boolean upgrading;
  private @Nullable Tunnel tunnel;
  private boolean flushing;
  private boolean finished;
  private int unsent;

  /** The app waits until the caller has taken enough. */
  private boolean paused;

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

  Relay(HttpServerRequest request, Carrier carrier, Context context, Events events) {
    this.request = request;
    this.response = request.response();
    this.http2 = request.version() == HttpVersion.HTTP_2;
    this.carrier = carrier;
    this.context = context;
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
    copyHeaders(answer.headers(), response.headers());
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
                tunnel = new Tunnel(caller.result(), app, events::moved, this::over);
                carrier.tunnel();
              }
            });
  }

  /** The tunnel ended, at either side. */
  private void over() {
    if (!finished) {
      finished = true;
      events.ended(SWITCHING_PROTOCOLS);
      // What was said before the end is on its way; a peer that never takes it must not keep us.
      context.owner().setTimer(GOODBYE_MILLIS, _ -> carrier.abort());
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
      // A body that broke off must not end as if it were whole.
      request
          .pipe()
          .endOnFailure(false)
          .to(new Watched(opened, this::sent))
          .onFailure(this::failed);
    }
  }

  /** A part of the request goes on. */
  private void sent() {
    carrier.progressed();
    events.sent();
  }

  private void answer(HttpClientResponse answer) {
    if (finished) {
      return;
    }
    if (answer.statusCode() == SWITCHING_PROTOCOLS) {
      // The Upgrade field was removed: an app that switches all the same would put bytes past the
      // gate.
      failed(new IllegalStateException("the app switched protocols unasked"));
      return;
    }
    fromApp = answer;
    response.setStatusCode(answer.statusCode()).setStatusMessage(answer.statusMessage());
    copyHeaders(answer.headers(), response.headers());
    events.answering(response);
    boolean bodyless =
        request.method().equals(HttpMethod.HEAD)
            || answer.statusCode() == 204
            || answer.statusCode() == 304;
    if (!bodyless && !response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
    answer.handler(this::part);
    answer.endHandler(_ -> complete(answer));
    answer.exceptionHandler(_ -> broke(answer.statusCode()));
    if (!answer.headers().contains(GRPC_STATUS)) {
      flushSoon();
    }
  }

  private static void copyHeaders(MultiMap from, MultiMap to) {
    List<Field> fields = new ArrayList<>(from.size());
    for (Map.Entry<String, String> header : from) {
      fields.add(new Field(header.getKey(), header.getValue()));
    }
    Set<String> connection = Forwarding.connection(fields);
    for (Field field : fields) {
      if (!Forwarding.stripReply(field.name(), connection)) {
        to.add(field.name(), field.value());
      }
    }
  }

  // Parts that arrive together leave together, and the last one leaves with the end. None waits for
  // bytes that are not here yet.
  private void part(Buffer part) {
    append(events.part(part));
    Buffer held = pending;
    if (held != null && held.length() > MOST_UNSENT / 2) {
      flush();
    } else {
      flushSoon();
    }
  }

  private void append(Buffer part) {
    Buffer held = pending;
    if (held != null) {
      held.appendBuffer(part);
    } else if (part.length() > 0) {
      pending = part;
    }
  }

  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      context.runOnContext(_ -> flush());
    }
  }

  private void flush() {
    flushing = false;
    HttpClientResponse answer = fromApp;
    if (finished || answer == null) {
      return;
    }
    Buffer held = pending;
    pending = null;
    if (held != null) {
      write(held, answer);
    } else if (!response.headWritten()) {
      response.writeHead();
    }
    if (unsent > MOST_UNSENT || response.writeQueueFull()) {
      paused = true;
      answer.pause();
      response.drainHandler(_ -> goOn(answer));
    }
  }

  private void write(Buffer held, HttpClientResponse answer) {
    int length = held.length();
    unsent += length;
    response
        .write(held)
        .onComplete(
            _ -> {
              unsent -= length;
              goOn(answer);
            });
  }

  private void goOn(HttpClientResponse answer) {
    if (paused && !finished && unsent <= MOST_UNSENT / 2 && !response.writeQueueFull()) {
      paused = false;
      answer.resume();
    }
  }

  private void complete(HttpClientResponse answer) {
    if (finished) {
      return;
    }
    append(events.rest());
    if (finished) {
      return;
    }
    finished = true;
    Buffer held = pending;
    // Told first: once the last part is written the connection may close, and a stopping process
    // must not write its last record before the one of this end.
    events.ended(answer.statusCode());
    if (http2 && !answer.trailers().isEmpty()) {
      copyHeaders(answer.trailers(), response.trailers());
    }
    Future<Void> written = held == null ? response.end() : response.end(held);
    carrier.finishing(written);
    if (http2 && !request.isEnded()) {
      // An answer to a stream that the caller has not ended: nobody reads the rest of it.
      cancel();
      written.onComplete(_ -> carrier.linger());
    }
  }

  /**
   * The app's answer broke off, or the rest of the request did: the caller must not take what it
   * has for the whole.
   */
  private void broke(int status) {
    if (!finished) {
      finished = true;
      cancel();
      events.ended(status);
      carrier.abort();
    }
  }

  private void failed(Throwable cause) {
    if (finished) {
      return;
    }
    HttpClientResponse answer = fromApp;
    if (answer != null) {
      broke(answer.statusCode());
      return;
    }
    finished = true;
    cancel();
    events.unreachable(cause);
  }

  /** Ends it at both sides. Where the answer has begun, the caller sees it broken off. */
  void stop() {
    if (finished) {
      return;
    }
    finished = true;
    if (tunnel != null) {
      tunnel.close();
      events.ended(SWITCHING_PROTOCOLS);
      carrier.abort();
      return;
    }
    cancel();
    HttpClientResponse answer = fromApp;
    if (answer == null) {
      events.stopped();
    } else {
      events.ended(answer.statusCode());
      carrier.abort();
    }
  }

  private void hungUp() {
    if (!finished) {
      finished = true;
      cancel();
      HttpClientResponse answer = fromApp;
      events.ended(answer == null ? 0 : answer.statusCode());
    }
  }

  private void cancel() {
    HttpClientRequest sent = toApp;
    if (sent != null) {
      sent.reset(CANCEL);
    }
  }
}
