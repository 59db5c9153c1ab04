package dev.writ.sidecar.gate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Kept;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the socket and the HTTP parser of one connection. The parser is lenient: it joins
 * folded lines, drops a Content-Length beside chunked, takes a bare LF. What it would forgive never
 * reaches it, so that the gate, the verifier and the app see the same request. Also bounds how long
 * a head and a body may take, and closes refused connections without losing the answer. Lives on
 * one event loop.
 */
final class FramingGuard extends ByteToMessageDecoder implements Carrier {
  /** Longest head, bytes. Four headers of 12 KiB and the rest. */
  static final int MAX_HEAD = 64 * 1024;

  /** What a connection costs, of which nothing is here but itself. Measured. */
  private static final int IDLE_BYTES = 10 * 1024;

  private static final long LINGER_MILLIS = 1_000;
  private static final int MAX_LINGER = 256 * 1024;

  private enum State {
    HEAD,
    BODY,
    CHUNKS,
    /** Whatever comes waits for the answer: it says which protocol it is of. */
    UPGRADE,
    TUNNEL,
    DISCARD
  }

  private final Events events;
  private final ConnectionLimits limits;
  private final Flows.Line line = new Flows.Line();
  private final Kept kept;
  private final Kept idle;
  private State state = State.HEAD;
  private long bodyLeft;
  private ChunkedBody chunks = new ChunkedBody();
  private int scanned;
  private int discarded;
  private int open;

  /** Answers that were handed over whole and that the peer has not taken. */
  private int unwritten;

  private boolean begun;
  private boolean streaming;
  private long since;
  private @Nullable ChannelHandlerContext context;

  /** What the guard tells. */
  interface Events {
    /** A request was refused before it was one; counted in a metric. */
    void refusedFraming(String reason);
  }

  /**
   * For one connection.
   *
   * @param heads what is kept of those that are not whole yet: strangers can send them
   * @param idles what connections cost on which nothing is asked: of them too
   * @param nanos when it was accepted
   */
  FramingGuard(Events events, ConnectionLimits limits, Flows heads, Flows idles, long nanos) {
    this.events = events;
    this.limits = limits;
    this.kept = new Kept(heads.begin(new Flows.Line(), () -> crowdedOut("heads in memory")));
    this.idle = new Kept(idles.begin(new Flows.Line(), () -> crowdedOut("idle connections")));
    this.since = nanos;
  }

  private void crowdedOut(String reason) {
    events.refusedFraming(reason);
    abort();
  }

  /** The connection is gone. */
  void closed() {
    kept.end();
    idle.end();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    idle.keep(IDLE_BYTES);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    switch (state) {
      case HEAD -> head(ctx, in, out);
      case BODY -> body(in, out);
      case CHUNKS -> chunks(ctx, in, out);
      case UPGRADE -> hold(ctx, in);
      case TUNNEL -> out.add(in.readRetainedSlice(in.readableBytes()));
      case DISCARD -> discard(ctx, in);
    }
  }

  private void head(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int from = in.readerIndex();
    if (scanned == 0) {
      since = limits.nanos();
    }
    int end = headEnd(in, from + Math.max(0, scanned - 3));
    int length = (end < 0 ? in.writerIndex() : end) - from;
    if (length > MAX_HEAD) {
      refuse(ctx, in, "431 Request Header Fields Too Large", "head too large");
      return;
    }
    if (end < 0) {
      scanned = length;
      kept.keep(length);
      return;
    }
    scanned = 0;
    kept.keep(0);
    switch (Framing.of(in, from, end)) {
      case Framing.Broken broken -> refuse(ctx, in, "400 Bad Request", broken.reason());
      case Framing.Length body -> {
        bodyLeft = body.bytes();
        state = bodyLeft == 0 ? State.HEAD : State.BODY;
        pass(in, length, out);
      }
      case Framing.Upgrade _ -> {
        state = State.UPGRADE;
        pass(in, length, out);
      }
      case Framing.Chunked _ -> {
        chunks = new ChunkedBody();
        state = State.CHUNKS;
        pass(in, length, out);
      }
    }
  }

  private void pass(ByteBuf in, int length, List<Object> out) {
    open++;
    idle.keep(0);
    out.add(in.readRetainedSlice(length));
  }

  private static int headEnd(ByteBuf in, int from) {
    int at = from;
    while (true) {
      int lf = in.indexOf(at, in.writerIndex(), (byte) '\n');
      if (lf < 0) {
        return -1;
      }
      boolean empty =
          lf - 3 >= in.readerIndex()
              && in.getByte(lf - 1) == '\r'
              && in.getByte(lf - 2) == '\n'
              && in.getByte(lf - 3) == '\r';
      if (empty) {
        return lf + 1;
      }
      at = lf + 1;
    }
  }

  private void body(ByteBuf in, List<Object> out) {
    int part = (int) Math.min(bodyLeft, in.readableBytes());
    bodyLeft -= part;
    progressed();
    if (bodyLeft == 0) {
      state = State.HEAD;
    }
    out.add(in.readRetainedSlice(part));
  }

  private void chunks(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int part = chunks.follow(in, in.readerIndex(), in.writerIndex());
    if (chunks.broken()) {
      refuse(ctx, in, "400 Bad Request", "chunked body");
      return;
    }
    progressed();
    if (chunks.done()) {
      state = State.HEAD;
    }
    out.add(in.readRetainedSlice(part));
  }

  private void hold(ChannelHandlerContext ctx, ByteBuf in) {
    if (in.readableBytes() > MAX_HEAD) {
      refuse(ctx, in, "400 Bad Request", "too much before an upgrade");
    } else {
      kept.keep(in.readableBytes());
    }
  }

  /** Reads what waited. Not at once: the answer may be given while a head is being passed on. */
  private void goOn() {
    kept.keep(0);
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor().execute(() -> wake(ctx));
    }
  }

  private void wake(ChannelHandlerContext ctx) {
    try {
      if (!ctx.isRemoved()) {
        channelRead(ctx, Unpooled.EMPTY_BUFFER);
        ctx.fireChannelReadComplete();
      }
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  @Override
  public void tunnel() {
    state = State.TUNNEL;
    goOn();
  }

  @Override
  public void progressed() {
    if (streaming) {
      since = limits.nanos();
    }
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, String status, String reason) {
    events.refusedFraming(reason);
    // Within a body the request at hand is the only one open, else an answer of ours would stand in
    // the middle of another.
    boolean clear = open == (state == State.CHUNKS ? 1 : 0) && !begun;
    state = State.DISCARD;
    kept.keep(0);
    in.skipBytes(in.readableBytes());
    if (clear) {
      String answer = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      ctx.writeAndFlush(Unpooled.copiedBuffer(answer, US_ASCII)).addListener(_ -> linger());
    } else {
      close(ctx);
    }
  }

  private void discard(ChannelHandlerContext ctx, ByteBuf in) {
    discarded += in.readableBytes();
    in.skipBytes(in.readableBytes());
    if (discarded > MAX_LINGER) {
      close(ctx);
    }
  }

  private static void close(ChannelHandlerContext ctx) {
    // Nobody waits for it: the connection is gone either way.
    ChannelFuture _ = ctx.close();
  }

  @Override
  public Flows.Line line() {
    return line;
  }

  @Override
  public void stopReading() {
    state = State.DISCARD;
    since = limits.nanos();
  }

  @Override
  public void answering() {
    begun = true;
  }

  @Override
  public void streaming(boolean opening) {
    streaming = true;
  }

  @Override
  public void finishing(Future<Void> written) {
    unwritten++;
    written.onComplete(
        _ -> {
          unwritten--;
          since = limits.nanos();
        });
  }

  @Override
  public void answered() {
    open--;
    idle.keep(open == 0 ? IDLE_BYTES : 0);
    begun = false;
    streaming = false;
    since = limits.nanos();
    // It was the last that was let in: those before it are answered first.
    if (state == State.UPGRADE && open == 0) {
      state = State.HEAD;
      goOn();
    }
  }

  /**
   * Closes in two steps: our half now, theirs when they have seen it or after a second. A close
   * with unread bytes would reset the connection, and the peer could lose the answer it was just
   * sent.
   */
  @Override
  public void linger() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || !ctx.channel().isActive()) {
      return;
    }
    stopReading();
    ctx.channel().config().setAutoRead(true);
    if (ctx.channel() instanceof DuplexChannel duplex) {
      ChannelFuture _ = duplex.shutdownOutput();
    }
    var _ = ctx.executor().schedule(() -> close(ctx), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void abort() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ChannelFuture _ = ctx.channel().close();
    }
  }

  /**
   * Closes the connection when what it waits for takes too long. Called about once a second.
   *
   * @param leaving whether the pod is
   */
  void check(long nanos, boolean leaving) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    long waited = nanos - since;
    boolean late =
        switch (state) {
          case HEAD ->
              scanned > 0
                  ? waited > limits.headNanos()
                  : open == 0 && waited > limits.idleNanos(leaving && unwritten == 0);
          case BODY, CHUNKS -> waited > limits.bodyNanos();
          case UPGRADE, TUNNEL, DISCARD -> false;
        };
    if (late) {
      if (scanned > 0 || state != State.HEAD) {
        events.refusedFraming("too slow");
      }
      close(ctx);
    }
  }
}
