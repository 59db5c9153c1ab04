package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Flows;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** One stream of a connection that speaks HTTP/2, as an exchange needs it. */
final class Http2Stream implements Carrier {
  private static final long NO_ERROR = 0;
  private static final long INTERNAL_ERROR = 2;
  private static final long CANCEL = 8;

  private final HttpServerRequest request;
  private final Http2Line line;
  private final ConnectionLimits limits;
  private long since;
  private boolean unbound;

  /** How long the rest of an answer may take to be taken; 0 before there is one. */
  private long finishing;

  Http2Stream(HttpServerRequest request, Http2Line line, ConnectionLimits limits) {
    this.request = request;
    this.line = line;
    this.limits = limits;
    this.since = limits.nanos();
  }

  @Override
  public Flows.Line line() {
    return line.flows();
  }

  @Override
  public void answering() {
    unbound = true;
  }

  @Override
  public void streaming(boolean opening) {
    unbound = opening;
    since = limits.nanos();
  }

  @Override
  public void progressed() {
    since = limits.nanos();
  }

  @Override
  public void finishing() {
    finishing(limits.headNanos());
  }

  @Override
  public void finishing(Future<Void> written) {
    finishing(limits.bodyNanos());
    line.finishing(this);
    written.onComplete(_ -> line.answered(this));
  }

  private void finishing(long nanos) {
    finishing = nanos;
    since = limits.nanos();
  }

  @Override
  public void answered() {
    line.answered(this);
  }

  @Override
  public void stopReading() {
    unbound = true;
    if (!request.isEnded()) {
      request.handler(null).endHandler(null).exceptionHandler(null).pause();
    }
  }

  @Override
  public void linger() {
    if (!request.isEnded()) {
      request.response().reset(NO_ERROR);
    }
  }

  @Override
  public void tunnel() {
    throw new IllegalStateException("HTTP/2 has no upgrade");
  }

  @Override
  public void abort() {
    request.response().reset(INTERNAL_ERROR);
  }

  /**
   * Whether a body takes too long to come, or an answer of ours to be taken: whoever gives no
   * window for it would hold the exchange for ever. Asked about once a second.
   */
  boolean isLate(long nanos) {
    if (finishing > 0) {
      return nanos - since > finishing;
    }
    return !unbound && !request.isEnded() && nanos - since > limits.bodyNanos();
  }

  void giveUp() {
    unbound = true;
    finishing = 0;
    request.response().reset(CANCEL);
  }
}
