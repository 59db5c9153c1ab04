package dev.writ.sidecar.h2c;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vertx.core.Handler;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.QueryParamDecoderConfig;
import io.vertx.core.http.impl.HttpServerRequestImpl;
import io.vertx.core.http.impl.http2.codec.Http2ServerConnectionImpl;
import io.vertx.core.http.impl.http2.codec.VertxHttp2ConnectionHandler;
import io.vertx.core.http.impl.http2.codec.VertxHttp2ConnectionHandlerBuilder;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.QueryParamDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks at the first bytes of a connection of an HTTP/1.1 server, and makes it one of HTTP/2 when
 * they are its preface. Vert.x has the same, but only together with {@code Upgrade: h2c} and with
 * the HTTP/1.1 parser before whatever guards it. (RFC 9113, section 3.3)
 */
public final class PriorKnowledge extends ByteToMessageDecoder {
  private static final String NAME = "prior-knowledge";
  private static final String LAST = "handler";
  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
  private static final int PREFACE_SECONDS = 10;
  private static final int MAX_SMALL_CONTINUATIONS = 16;
  private static final int MAX_RESETS = 200;
  private static final int RESET_SECONDS = 30;

  private final ContextInternal context;
  private final Requests requests;
  private final Bounds bounds;
  private boolean waiting;

  /**
   * What a connection is bound by.
   *
   * @param head longest head, bytes
   * @param streams requests at once
   * @param window bytes of all requests together that may wait to be taken
   * @param continues whether {@code Expect: 100-continue} is answered at once
   * @param headNanos how long a head may take to come, in whatever frames
   * @param nanos monotonic clock
   */
  public record Bounds(
      int head, int streams, int window, boolean continues, long headNanos, LongSupplier nanos) {
    /** What HTTP/2 itself sets, bytes. */
    public static final int WINDOW = 65_535;
  }

  /** Who takes what comes. All on the event loop of the connection. */
  public interface Requests extends Handler<HttpServerRequest> {
    /** The connection speaks HTTP/2 from now on; requests follow. */
    default void began() {}

    /** So many bytes of a head or a frame that is not whole yet are kept. */
    default void keeps(long bytes) {}

    /** A stream or the connection was refused before there was a request; for a metric. */
    default void refused(String reason) {}
  }

  private PriorKnowledge(ContextInternal context, Requests requests, Bounds bounds) {
    this.context = context;
    this.requests = requests;
    this.bounds = bounds;
  }

  /**
   * Lets a connection be one of HTTP/2. Nothing of it may have been read.
   *
   * @param connection of an HTTP/1.1 server
   */
  public static void offer(HttpConnection connection, Requests requests, Bounds bounds) {
    ConnectionBase base = (ConnectionBase) connection;
    base.channel().pipeline().addFirst(NAME, new PriorKnowledge(base.context(), requests, bounds));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int known = Math.min(in.readableBytes(), PREFACE.length);
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (known == PREFACE.length) {
      speakHttp2(ctx.pipeline());
      ctx.pipeline().remove(this);
    } else if (!waiting) {
      waiting = true;
      var _ = ctx.executor().schedule(() -> giveUp(ctx), PREFACE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Half a preface is neither version; whoever guards the other does not see it. */
  private static void giveUp(ChannelHandlerContext ctx) {
    if (!ctx.isRemoved()) {
      ChannelFuture _ = ctx.close();
    }
  }

  private void speakHttp2(ChannelPipeline pipeline) {
    boolean behind = false;
    for (Map.Entry<String, ChannelHandler> one : pipeline.toMap().entrySet()) {
      if (behind && !one.getKey().equals(LAST)) {
        pipeline.remove(one.getKey());
      }
      behind |= one.getValue() == this;
    }
    requests.began();
    FirstLook look = new FirstLook(requests::refused, bounds.nanos());
    VertxHttp2ConnectionHandler<Http2ServerConnectionImpl> handler =
        new Builder(look)
            .server(true)
            .gracefulShutdownTimeoutMillis(0)
            .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
            .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
            .initialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(bounds.streams())
                    .setMaxHeaderListSize(bounds.head()))
            .connectionFactory(this::connection)
            .build();
    // With the settings that every connection begins with the handler sets its own listener.
    handler.addHandler(
        connection -> {
          handler.decoder().frameListener(new StrictFrames(connection, look, requests::refused));
          // Counted where it is found; a stranger must not fill the log.
          connection.exceptionHandler(_ -> {});
          if (bounds.window() != Bounds.WINDOW) {
            connection.setWindowSize(bounds.window());
          }
        });
    pipeline.replace(LAST, LAST, handler);
    FrameClock clock =
        new FrameClock(
            PREFACE.length,
            bounds.headNanos(),
            bounds.nanos(),
            requests::keeps,
            () -> requests.refused("too slow"));
    pipeline.addAfter(NAME, "frame-clock", clock);
  }

  /** The one of Vert.x lets nobody look before the codec. */
  private static final class Builder
      extends VertxHttp2ConnectionHandlerBuilder<Http2ServerConnectionImpl> {
    Builder(FirstLook look) {
      frameLogger(look);
    }
  }

  private Http2ServerConnectionImpl connection(
      VertxHttp2ConnectionHandler<Http2ServerConnectionImpl> handler) {
    Http2ServerConnectionImpl connection =
        new Http2ServerConnectionImpl(
            context, context::duplicate, handler, null, TracingPolicy.IGNORE, null, null);
    QueryParamDecoder query = new QueryParamDecoder(new QueryParamDecoderConfig());
    connection.streamHandler(
        stream ->
            new HttpServerRequestImpl(
                    requests,
                    stream,
                    stream.context(),
                    bounds.continues(),
                    HttpServerOptions.DEFAULT_MAX_FORM_ATTRIBUTE_SIZE,
                    HttpServerOptions.DEFAULT_MAX_FORM_FIELDS,
                    HttpServerOptions.DEFAULT_MAX_FORM_BUFFERED_SIZE,
                    query,
                    "http://localhost")
                .init());
    return connection;
  }
}
