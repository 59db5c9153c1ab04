package dev.writ.sidecar.h2c;

import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each head of one connection before there is a request: a malformed one, or trailers, end
 * the stream. What floods with streams that are reset, continuations or empty data the codec
 * bounds, what floods with less than that {@link FirstLook}. Lives on one event loop.
 */
final class StrictFrames extends Http2FrameListenerDecorator {
  private static final CharSequence COOKIE = "cookie";

  private final FirstLook look;
  private final Consumer<String> refused;
  private int lastStream;

  /**
   * In front of another listener.
   *
   * @param look at the same connection
   * @param refused told why, for a metric
   */
  StrictFrames(Http2FrameListener next, FirstLook look, Consumer<String> refused) {
    super(next);
    this.look = look;
    this.refused = refused;
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
    String problem = first ? problem(headers) : "trailers";
    if (problem != null) {
      refused.accept(problem);
      throw Http2Exception.streamError(streamId, PROTOCOL_ERROR, "%s", problem);
    }
    joinCrumbs(headers);
  }

  private @Nullable String problem(Http2Headers headers) {
    return look.hasSoundLength() ? Http2Head.problem(headers) : "content-length";
  }

  private static void joinCrumbs(Http2Headers headers) {
    // It may come in crumbs, and HTTP/1.1 knows one field alone. (RFC 9113, section 8.2.3)
    List<CharSequence> crumbs = headers.getAll(COOKIE);
    if (crumbs.size() > 1) {
      headers.set(COOKIE, String.join("; ", crumbs));
    }
  }
}
