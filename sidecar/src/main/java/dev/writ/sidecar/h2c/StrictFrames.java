package dev.writ.sidecar.h2c;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Looks at each frame of one connection before there is a request: a malformed head or trailers end
 * the stream, too many frames that carry nothing end the connection. What else floods (streams that
 * are reset, continuations, empty data, answers to pings that nobody reads) the codec bounds. Lives
 * on one event loop.
 */
final class StrictFrames extends Http2FrameListenerDecorator {
  /** Frames without use that a connection may send within {@link #WINDOW_NANOS}. */
  static final int MAX_IDLE_FRAMES = 500;

  private static final CharSequence COOKIE = "cookie";
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Consumer<String> refused;
  private final LongSupplier nanos;
  private int lastStream;
  private int idleFrames;
  private long since;

  /**
   * In front of another listener.
   *
   * @param refused told why, for a metric
   * @param nanos monotonic clock
   */
  StrictFrames(Http2FrameListener next, Consumer<String> refused, LongSupplier nanos) {
    super(next);
    this.refused = refused;
    this.nanos = nanos;
    this.since = nanos.getAsLong();
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    check(streamId, headers);
    super.onHeadersRead(ctx, streamId, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    check(streamId, headers);
    super.onHeadersRead(ctx, streamId, headers, dependency, weight, exclusive, padding, end);
  }

  private void check(int streamId, Http2Headers headers) throws Http2Exception {
    // The numbers of streams rise: a second head on one is its trailers.
    boolean first = streamId > lastStream;
    lastStream = Math.max(lastStream, streamId);
    String problem = first ? Http2Head.problem(headers) : "trailers";
    if (problem != null) {
      refused.accept(problem);
      throw Http2Exception.streamError(streamId, PROTOCOL_ERROR, "%s", problem);
    }
    // It may come in crumbs, and HTTP/1.1 knows one field alone. (RFC 9113, section 8.2.3)
    List<CharSequence> crumbs = headers.getAll(COOKIE);
    if (crumbs.size() > 1) {
      headers.set(COOKIE, String.join("; ", crumbs));
    }
  }

  private void idle() throws Http2Exception {
    long now = nanos.getAsLong();
    if (now - since > WINDOW_NANOS) {
      since = now;
      idleFrames = 0;
    }
    if (++idleFrames > MAX_IDLE_FRAMES) {
      refused.accept("flood");
      throw Http2Exception.connectionError(ENHANCE_YOUR_CALM, "too many frames without use");
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
      throws Http2Exception {
    idle();
    super.onSettingsRead(ctx, settings);
  }

  @Override
  public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
    idle();
    super.onPingRead(ctx, data);
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int streamId, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    idle();
    super.onPriorityRead(ctx, streamId, dependency, weight, exclusive);
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int streamId, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    idle();
    super.onUnknownFrame(ctx, type, streamId, flags, payload);
  }
}
