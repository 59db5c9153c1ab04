package dev.writ.sidecar.h2c;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Follows the frames of one connection from begin to end, to know since when a head has been
 * coming, and how much of it is here: the codec says nothing of one before it is whole, and it may
 * come in as many frames and as slowly as the peer likes. A frame of data may take its time: bodies
 * have a bound of their own. Passes on what it sees. Lives on one event loop.
 */
final class FrameClock extends ChannelInboundHandlerAdapter {
  private static final int FRAME_HEADER = 9;
  private static final int TYPE_AT = 3;
  private static final int FLAGS_AT = 4;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  private final long headNanos;
  private final LongSupplier nanos;
  private final LongConsumer keeps;
  private final Runnable late;

  /** Bytes to come that are no header of a frame. */
  private long left;

  /** How much of the header of a frame is here. */
  private int at;

  private int length;
  private int type;
  private int flags;

  /** A head has begun and not ended with its last frame. */
  private boolean head;

  private long since;

  /** Bytes of the head or frame that is coming. */
  private long kept;

  private boolean watching;

  /**
   * For one connection.
   *
   * @param preface bytes that come before the first frame
   * @param headNanos how long a head, or a frame without data, may take
   * @param keeps told how much is here of what is not whole
   * @param late told when one takes longer; the connection is closed
   */
  FrameClock(int preface, long headNanos, LongSupplier nanos, LongConsumer keeps, Runnable late) {
    this.left = preface;
    this.at = FRAME_HEADER;
    this.headNanos = headNanos;
    this.nanos = nanos;
    this.keeps = keeps;
    this.late = late;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      long before = kept;
      follow(bytes);
      if (kept != before) {
        keeps.accept(kept);
      }
      if (isComing() && !watching) {
        watch(ctx, headNanos);
      }
    }
    ctx.fireChannelRead(message);
  }

  private void follow(ByteBuf bytes) {
    int i = bytes.readerIndex();
    while (i < bytes.writerIndex()) {
      if (at == FRAME_HEADER) {
        int part = (int) Math.min(left, bytes.writerIndex() - i);
        i += part;
        left -= part;
        kept += part;
      } else {
        kept++;
        header(bytes.getByte(i++) & 0xff);
      }
      if (at == FRAME_HEADER && left == 0) {
        ended();
      }
    }
  }

  private void header(int b) {
    if (at == 0) {
      length = 0;
      type = -1;
      if (!head) {
        since = nanos.getAsLong();
      }
    }
    switch (at) {
      case 0, 1, 2 -> length = length << 8 | b;
      case TYPE_AT -> type = b;
      case FLAGS_AT -> flags = b;
      default -> {
        // The stream.
      }
    }
    if (++at == FRAME_HEADER) {
      left = length;
    }
  }

  private void ended() {
    at = 0;
    if (type == HEADERS || type == CONTINUATION) {
      head = (flags & END_HEADERS) == 0;
    }
    if (!head) {
      kept = 0;
    }
  }

  private boolean isComing() {
    return head || (at > 0 && type != DATA);
  }

  private void watch(ChannelHandlerContext ctx, long delay) {
    watching = true;
    var _ = ctx.executor().schedule(() -> look(ctx), delay, TimeUnit.NANOSECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    watching = false;
    if (ctx.isRemoved() || !isComing()) {
      return;
    }
    long more = headNanos - (nanos.getAsLong() - since);
    if (more > 0) {
      watch(ctx, more);
    } else {
      late.run();
      // Nobody waits for it: the connection is gone either way.
      ChannelFuture _ = ctx.close();
    }
  }
}
