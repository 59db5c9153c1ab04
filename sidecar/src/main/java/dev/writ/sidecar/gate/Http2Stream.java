package dev.writ.sidecar.gate;

import io.vertx.core.http.HttpServerRequest;

/** One stream of a connection that speaks HTTP/2, as an exchange needs it. */
final class Http2Stream implements Carrier {
  private static final long NO_ERROR = 0;
  private static final long INTERNAL_ERROR = 2;
  private static final long CANCEL = 8;

  private final HttpServerRequest request;
  private final Http2Line line;
  private final ConnectionLimits limits;
  private final long since;
  private boolean unbound;

  Http2Stream(HttpServerRequest request, Http2Line line, ConnectionLimits limits) {
    this.request = request;
    this.line = line;
    this.limits = limits;
    this.since = limits.nanos();
  }

  @Override
  public void answering() {
    unbound = true;
  }

  @Override
  public void streaming() {
    unbound = true;
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

  /** Gives up a body that takes too long. Called about once a second. */
  boolean isLate(long nanos) {
    return !unbound && !request.isEnded() && nanos - since > limits.bodyNanos();
  }

  void giveUp() {
    unbound = true;
    request.response().reset(CANCEL);
  }
}
