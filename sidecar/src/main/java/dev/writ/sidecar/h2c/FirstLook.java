package dev.writ.sidecar.h2c;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.logging.LogLevel;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Sees each frame of one connection before the codec makes something of it, which it offers to a
 * logger alone: how the length of a body was written, before equal ones become one; settings that
 * would cost memory; and frames that carry nothing, also those that the codec drops. Too many of
 * these end the connection. Lives on one event loop.
 */
final class FirstLook extends Http2FrameLogger {
  /** Frames without use that a connection may send within {@link #WINDOW_NANOS}. */
  static final int MAX_IDLE_FRAMES = 500;

  /**
   * How many of them each frame of data that was sent may be answered with: peers widen windows and
   * measure the way with pings as data comes. As many as Envoy allows.
   */
  static final int PER_DATA = 10;

  private static final int PER_HEAD = 2;
  private static final int MAX_CREDIT = 10_000;

  /** Bytes of fields that are kept to shorten the heads of answers. */
  private static final int MAX_TABLE = 4_096;

  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Consumer<String> refused;
  private final LongSupplier nanos;
  private boolean soundLength = true;
  private int credit;
  private int idleFrames;
  private long since;

  /**
   * For one connection.
   *
   * @param refused told why, for a metric
   * @param nanos monotonic clock
   */
  FirstLook(Consumer<String> refused, LongSupplier nanos) {
    super(LogLevel.TRACE);
    this.refused = refused;
    this.nanos = nanos;
    this.since = nanos.getAsLong();
  }

  /** Whether the head that came last says at most once, and in digits, how long its body is. */
  boolean hasSoundLength() {
    return soundLength;
  }

  @Override
  public boolean isEnabled() {
    return false;
  }

  private void head(Direction direction, Http2Headers headers) {
    if (direction == Direction.INBOUND) {
      soundLength = Http2Head.hasSoundLength(headers);
      earn(PER_HEAD);
    }
  }

  private void earn(int frames) {
    credit = Math.min(credit + frames, MAX_CREDIT);
  }

  private void idle(Direction direction) {
    if (direction == Direction.OUTBOUND || credit-- > 0) {
      return;
    }
    credit = 0;
    long now = nanos.getAsLong();
    if (now - since > WINDOW_NANOS) {
      since = now;
      idleFrames = 0;
    }
    if (++idleFrames > MAX_IDLE_FRAMES) {
      refused.accept("flood");
      // The codec looks for the cause.
      throw new IllegalStateException(
          Http2Exception.connectionError(ENHANCE_YOUR_CALM, "too many frames without use"));
    }
  }

  @Override
  public void logData(
      Direction direction,
      ChannelHandlerContext ctx,
      int streamId,
      ByteBuf data,
      int padding,
      boolean endStream) {
    if (direction == Direction.OUTBOUND) {
      earn(PER_DATA);
    }
  }

  @Override
  public void logHeaders(
      Direction direction,
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endStream) {
    head(direction, headers);
  }

  @Override
  public void logHeaders(
      Direction direction,
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endStream) {
    head(direction, headers);
  }

  @Override
  public void logPriority(
      Direction direction,
      ChannelHandlerContext ctx,
      int streamId,
      int streamDependency,
      short weight,
      boolean exclusive) {
    idle(direction);
  }

  @Override
  public void logSettings(Direction direction, ChannelHandlerContext ctx, Http2Settings settings) {
    idle(direction);
    Long table = settings.headerTableSize();
    if (direction == Direction.INBOUND && table != null && table > MAX_TABLE) {
      // The peer allows us more, up to 4 GB, and the codec would use it: no answer's fields repeat.
      settings.headerTableSize(MAX_TABLE);
    }
  }

  @Override
  public void logGoAway(
      Direction direction,
      ChannelHandlerContext ctx,
      int lastStreamId,
      long errorCode,
      ByteBuf debugData) {
    idle(direction);
  }

  @Override
  public void logSettingsAck(Direction direction, ChannelHandlerContext ctx) {
    idle(direction);
  }

  @Override
  public void logPing(Direction direction, ChannelHandlerContext ctx, long data) {
    idle(direction);
  }

  @Override
  public void logPingAck(Direction direction, ChannelHandlerContext ctx, long data) {
    idle(direction);
  }

  @Override
  public void logWindowsUpdate(
      Direction direction, ChannelHandlerContext ctx, int streamId, int windowSizeIncrement) {
    idle(direction);
  }

  @Override
  public void logUnknownFrame(
      Direction direction,
      ChannelHandlerContext ctx,
      byte frameType,
      int streamId,
      Http2Flags flags,
      ByteBuf data) {
    idle(direction);
  }
}
