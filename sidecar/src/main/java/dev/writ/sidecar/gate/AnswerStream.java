package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Flow;
import dev.writ.sidecar.flow.Pour;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The body of an app's answer on its way to the caller: parts that arrive together leave together,
 * and the last one leaves with the end. None waits for bytes that are not here yet. Lives on one
 * event loop.
 */
final class AnswerStream {
  /** Bytes that are not gathered any further. */
  private static final int MOST_GATHERED = 64 * 1024;

  private final HttpServerResponse response;
  private final Context context;
  private final Flow flow;
  private final Pour pour;
  private @Nullable Buffer pending;
  private boolean flushing;
  private boolean over;

  AnswerStream(HttpClientResponse answer, HttpServerResponse response, Context context, Flow flow) {
    boolean http2 = answer.version() == HttpVersion.HTTP_2;
    this.response = response;
    this.context = context;
    this.flow = flow;
    this.pour = new Pour(answer, http2 ? null : answer.request().connection(), response, flow);
  }

  /** A part, may be empty; it leaves soon. */
  void part(Buffer part) {
    if (over) {
      return;
    }
    append(part);
    Buffer held = pending;
    if (held != null && held.length() > MOST_GATHERED) {
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

  /** The head leaves soon, if nothing comes with which it could. */
  void flushSoon() {
    if (!flushing) {
      flushing = true;
      context.runOnContext(_ -> flush());
    }
  }

  private void flush() {
    flushing = false;
    if (over) {
      return;
    }
    Buffer held = pending;
    pending = null;
    if (held != null) {
      pour.write(held);
    } else if (!response.headWritten()) {
      response.writeHead();
    }
  }

  /**
   * The answer is whole.
   *
   * @param rest its last part, may be empty
   * @return done when the caller has it
   */
  Future<Void> end(Buffer rest) {
    append(rest);
    over = true;
    Buffer held = pending;
    pending = null;
    Future<Void> written = held == null ? response.end() : pour.end(held);
    written.onComplete(_ -> flow.end());
    return written;
  }

  /** Nothing more of it leaves. */
  void drop() {
    over = true;
    pending = null;
    flow.end();
  }
}
