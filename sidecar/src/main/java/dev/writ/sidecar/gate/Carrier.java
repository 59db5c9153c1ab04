package dev.writ.sidecar.gate;

import dev.writ.sidecar.flow.Flows;
import io.vertx.core.Future;

/**
 * What carries one exchange: a connection of HTTP/1.1, or a stream of HTTP/2. Told how far the
 * exchange is, so that it knows what may still be read and written. Lives on one event loop.
 */
interface Carrier {
  /** The connection that it is of, for what it may hold. */
  Flows.Line line();

  /** An answer begins: from now on none of the carrier's own may be put in its place. */
  void answering();

  /**
   * The body goes to the app as it comes: only standing still is held against it.
   *
   * @param opening whether it is a stream that was granted as one, and may rest
   */
  void streaming(boolean opening);

  /** A part of that body came. */
  default void progressed() {}

  /** An answer of the gate's own was handed over whole: the peer has to take it. */
  default void finishing() {}

  /** The last of the app's answer was handed over: the peer has to take it. */
  default void finishing(Future<Void> written) {}

  /** The answer was written whole, or will never be. */
  void answered();

  /** From now on nothing more of the request is taken. */
  void stopReading();

  /** The last word is written, the rest of the request is unread: ends without losing that word. */
  void linger();

  /** From now on bytes go through as they are: another protocol is spoken, both ways. */
  void tunnel();

  /** Ends in the middle of an answer: the caller must not take what it has for the whole. */
  void abort();
}
