package dev.writ.sidecar.outbound;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.function.IntFunction;

/** Reads a body whole, within a bound. */
final class Bodies {
  private Bodies() {}

  /**
   * The bytes up to the stream's end.
   *
   * @param limit in bytes; a longer body fails with {@link TooLong} and the rest stays unread
   */
  static Future<Buffer> collect(ReadStream<Buffer> stream, int limit) {
    return collect(stream, limit, _ -> Future.succeededFuture());
  }

  /**
   * The same, as fast as there is room.
   *
   * @param room takes so many bytes; what it fails with this fails with
   */
  static Future<Buffer> collect(
      ReadStream<Buffer> stream, int limit, IntFunction<Future<Void>> room) {
    Promise<Buffer> whole = Promise.promise();
    Buffer bytes = Buffer.buffer();
    stream.exceptionHandler(whole::tryFail);
    stream.handler(
        chunk -> {
          if (bytes.length() + chunk.length() > limit) {
            stream.pause();
            whole.tryFail(new TooLong());
          } else {
            bytes.appendBuffer(chunk);
            Future<Void> taken = room.apply(chunk.length());
            if (!taken.isComplete()) {
              stream.pause();
              taken.onSuccess(_ -> stream.resume()).onFailure(whole::tryFail);
            }
          }
        });
    stream.endHandler(_ -> whole.tryComplete(bytes));
    stream.resume();
    return whole.future();
  }

  /** The body exceeds the bound. */
  static final class TooLong extends Exception {
    private static final long serialVersionUID = 1L;

    TooLong() {
      super("body is too long", null, false, false);
    }
  }
}
