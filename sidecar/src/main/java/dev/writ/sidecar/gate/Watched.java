package dev.writ.sidecar.gate;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** A stream that says when something is written to it. */
record Watched(WriteStream<Buffer> stream, Runnable written) implements WriteStream<Buffer> {
  @Override
  public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
    stream.exceptionHandler(handler);
    return this;
  }

  @Override
  public Future<Void> write(Buffer part) {
    written.run();
    return stream.write(part);
  }

  @Override
  public Future<Void> end() {
    return stream.end();
  }

  @Override
  public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
    stream.setWriteQueueMaxSize(maxSize);
    return this;
  }

  @Override
  public boolean writeQueueFull() {
    return stream.writeQueueFull();
  }

  @Override
  public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
    stream.drainHandler(handler);
    return this;
  }
}
