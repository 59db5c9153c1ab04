package dev.writ.sidecar.outbound;

import dev.writ.sidecar.flow.Flow;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Pour;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * What the app sends on a stream, passed on as it comes. Its beginning is kept until there is a
 * reply: an opening that was refused with {@code use-nonce} can be sent again with it. Belongs to
 * its event loop.
 */
final class StreamedBody {
  private static final int KEPT = 64 * 1024;

  private final HttpServerRequest from;
  private final Buffer kept = Buffer.buffer();
  private final Flows flows;
  private @Nullable HttpClientRequest to;
  private @Nullable Pour pour;
  private @Nullable Flow flow;
  private boolean begun;
  private boolean ended;
  private boolean repeatable = true;

  /**
   * Of a request that is paused.
   *
   * @param from the app's request
   * @param flows of this event loop
   */
  StreamedBody(HttpServerRequest from, Flows flows) {
    this.from = from;
    this.flows = flows;
  }

  /** Sends the head, what came so far, and what comes. */
  void sendTo(HttpClientRequest upstream) {
    to = upstream;
    Flow own = flows.begin(new Flows.Line(), this::crowdedOut);
    flow = own;
    boolean socket = from.version() != HttpVersion.HTTP_2;
    pour = new Pour(from, socket ? from.connection() : null, upstream, own);
    // The callee may be the one who speaks first.
    upstream.writeHead();
    if (kept.length() > 0) {
      upstream.write(kept.copy());
    }
    if (ended) {
      upstream.end();
      return;
    }
    if (!begun) {
      begun = true;
      from.handler(this::part);
      from.endHandler(_ -> end());
      from.exceptionHandler(_ -> broken());
    }
    from.resume();
  }

  /** Nothing more is passed on until it is sent again. */
  void hold() {
    release();
    if (!ended) {
      from.pause();
    }
  }

  private void release() {
    Flow own = flow;
    if (own != null) {
      own.end();
    }
    to = null;
    pour = null;
  }

  /** The callee takes nothing, and others need what waits for it. */
  private void crowdedOut() {
    broken();
    release();
  }

  /** Whether all that came is still here. */
  boolean isRepeatable() {
    return repeatable;
  }

  /** There is a reply, and it stands. */
  void settle() {
    repeatable = false;
  }

  private void part(Buffer part) {
    if (repeatable) {
      repeatable = kept.length() + part.length() <= KEPT;
      if (repeatable) {
        kept.appendBuffer(part);
      }
    }
    Pour onward = pour;
    if (onward != null) {
      onward.write(part);
    }
  }

  private void end() {
    ended = true;
    HttpClientRequest upstream = to;
    if (upstream != null) {
      upstream.end();
    }
  }

  private void broken() {
    ended = true;
    HttpClientRequest upstream = to;
    if (upstream != null) {
      upstream.reset(Onward.CANCEL);
    }
  }
}
