package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.BodyBudget;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;

/**
 * The body of a request while it is read: within the limit for one, and the memory for all. Lives
 * on one event loop.
 */
final class RequestBody {
  private final HttpServerRequest request;
  private final BodyBudget.Part memory;
  private final int limit;
  private final long declared;

  /** Whether one may come of which the head does not say how long it is. */
  private final boolean chunked;

  private final Buffer bytes = Buffer.buffer();
  private boolean whole;
  private boolean over;

  /** How the reading of it ended. */
  enum Outcome {
    WHOLE,
    TOO_LARGE,
    NO_ROOM
  }

  /**
   * Of a request of which only the head was read.
   *
   * @param memory of the call
   * @param limit most bytes
   */
  RequestBody(HttpServerRequest request, BodyBudget.Part memory, int limit) {
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    this.request = request;
    this.memory = memory;
    this.limit = limit;
    this.declared = length == null ? 0 : Long.parseLong(length);
    this.chunked =
        http2 ? length == null : request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    this.whole = !http2 && declared == 0 && !chunked;
  }

  /**
   * Reads it whole.
   *
   * @param then told the outcome, once
   * @param broken told when the caller is gone before
   * @param guarded runs what comes from outside
   * @return whether the rest of it is waited for
   */
  boolean read(Consumer<Outcome> then, Runnable broken, Consumer<Runnable> guarded) {
    if (whole) {
      then.accept(Outcome.WHOLE);
    } else if (declared > limit) {
      then.accept(Outcome.TOO_LARGE);
    } else if (!memory.take(declared)) {
      then.accept(Outcome.NO_ROOM);
    } else {
      request.handler(part -> guarded.accept(() -> collect(part, then)));
      request.endHandler(_ -> guarded.accept(() -> collected(then)));
      request.exceptionHandler(_ -> broken.run());
      return true;
    }
    return false;
  }

  private void collect(Buffer part, Consumer<Outcome> then) {
    if (over) {
      return;
    }
    if (chunked && !memory.take(part.length())) {
      over = true;
      then.accept(Outcome.NO_ROOM);
      return;
    }
    bytes.appendBuffer(part);
    if (bytes.length() > limit) {
      over = true;
      then.accept(Outcome.TOO_LARGE);
    }
  }

  private void collected(Consumer<Outcome> then) {
    if (!over) {
      over = true;
      whole = true;
      then.accept(Outcome.WHOLE);
    }
  }

  /** Nothing more of it is kept; what comes is somebody else's to read. */
  void leave() {
    over = true;
    request.handler(null).endHandler(null).exceptionHandler(null);
  }

  /** Whether {@link #bytes} are all of it. */
  boolean isWhole() {
    return whole;
  }

  /** What was read of it. */
  Buffer bytes() {
    return bytes;
  }

  /** Says to the app how long the body is that it will get. */
  void frame(AppRequest to) {
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    boolean empty = http2 && bytes.length() == 0 && declared == 0;
    boolean said = chunked || request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    if (whole && !empty && said) {
      to.length(bytes.length());
    } else if (!whole && chunked) {
      to.chunked();
    } else if (!whole) {
      to.length(declared);
    }
  }
}
