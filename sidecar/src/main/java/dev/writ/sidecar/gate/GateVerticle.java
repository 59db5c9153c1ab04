package dev.writ.sidecar.gate;

import dev.writ.sidecar.Address;
import dev.writ.sidecar.Configuration.Guard;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.h2c.PriorKnowledge;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The gate on one event loop: a server per captured port and a client to the apps behind them.
 * Deployed once per core; the instances share the ports.
 *
 * <p>A connection speaks HTTP/1.1, or HTTP/2 when it opens with the preface of that; an {@code
 * Upgrade: h2c} never leaves HTTP/1.1. The framing rules of step 1 are enforced on what arrives,
 * before the parser for the one and on its frames for the other.
 */
public final class GateVerticle extends VerticleBase {
  private static final AttributeKey<FramingGuard> GUARD =
      AttributeKey.valueOf("writ.framing-guard");
  // The guard bounds heads tighter; the parser's own bounds only must not come first.
  private static final int PARSER_BOUND = 2 * FramingGuard.MAX_HEAD;
  private static final int POOL = 10_000;
  // Each carries as many calls as the app allows.
  private static final int HTTP2_POOL = 64;
  private static final int MAX_STREAMS = 128;
  private static final int CONNECT_MILLIS = 5_000;
  // Below the five seconds after which common app servers drop an idle connection, so that a call
  // does not meet the closing; Vert.x looks once a second, and may use it until then.
  private static final int UPSTREAM_IDLE_SECONDS = 3;
  private static final long CHECK_MILLIS = 1_000;

  private final GateParts parts;
  private final GateShared shared;
  private final Set<FramingGuard> guards = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Http2Line> lines = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<HttpServer> servers = new ArrayList<>();
  private final RunningAnswers running = new RunningAnswers();
  private final Flows flows;
  private final Flows heads;
  private final Flows idles;

  /**
   * One instance.
   *
   * @param shared the same for all instances
   */
  public GateVerticle(GateParts parts, GateShared shared) {
    this.parts = parts;
    this.shared = shared;
    this.flows = new Flows(shared.memory().flows());
    this.heads = new Flows(shared.memory().heads());
    this.idles = new Flows(shared.memory().idle());
  }

  @Override
  public Future<?> start() {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setKeepAliveTimeout(UPSTREAM_IDLE_SECONDS)
                .setMaxHeaderSize(PARSER_BOUND)
                .setMaxInitialLineLength(PARSER_BOUND),
            new PoolOptions().setHttp1MaxSize(POOL));
    HttpClient http2 =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                // As much as all answers together may hold: else one that nobody takes would use
                // up the window of the connection, and stop those of other callers.
                .setHttp2ConnectionWindowSize(shared.memory().flows().window())
                .setConnectTimeout(CONNECT_MILLIS),
            new PoolOptions().setHttp2MaxSize(HTTP2_POOL));
    vertx.setPeriodic(CHECK_MILLIS, _ -> check());
    List<Future<?>> listening = new ArrayList<>();
    List<Guard> configured = parts.configuration().guards();
    for (int i = 0; i < configured.size(); i++) {
      Gate gate = gate(i, configured.get(i), new Gate.Clients(client, http2));
      for (Address socket : parts.capture().sockets(configured.get(i).listen())) {
        listening.add(listen(socket, gate));
      }
    }
    return Future.all(listening);
  }

  private Gate gate(int index, Guard guard, Gate.Clients clients) {
    return new Gate(
        index,
        guard.upstream(),
        parts,
        shared.recorder(),
        new Answers(parts.challenges(), parts.time()),
        new ChallengeEndpoint(parts.challenges(), parts.state(), parts.time()),
        shared.metrics(),
        shared.workBook(),
        shared.memory().bodies(),
        shared.owners(),
        clients,
        new SyncWait(vertx, context, parts),
        running,
        flows,
        context);
  }

  private Future<HttpServer> listen(Address address, Gate gate) {
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(address.host())
                    .setPort(address.port())
                    .setHttp2ClearTextEnabled(false)
                    .setPerFrameWebSocketCompressionSupported(false)
                    .setPerMessageWebSocketCompressionSupported(false)
                    .setHandle100ContinueAutomatically(false)
                    .setDecompressionSupported(false)
                    .setMaxHeaderSize(PARSER_BOUND)
                    .setMaxInitialLineLength(PARSER_BOUND)
                    .setTcpNoDelay(true))
            .connectionHandler(connection -> connected(connection, gate))
            .invalidRequestHandler(this::invalid)
            .requestHandler(request -> new Exchange(gate, request, guardOf(request)).start());
    servers.add(server);
    return server
        .listen()
        .recover(cause -> Future.failedFuture(new ListenException(address, cause)));
  }

  // Runs before the first byte of the connection is read, on its loop.
  private void connected(HttpConnection connection, Gate gate) {
    // Whoever resets a connection must not fill the log.
    connection.exceptionHandler(_ -> {});
    Channel channel = ((ConnectionBase) connection).channel();
    ConnectionLimits limits = shared.limits();
    FramingGuard guard =
        new FramingGuard(shared.metrics(), limits, heads, idles, parts.time().nanos());
    channel.pipeline().addBefore("httpDecoder", "framing-guard", guard);
    channel.attr(GUARD).set(guard);
    guards.add(guard);
    channel
        .closeFuture()
        .addListener(
            _ -> {
              guards.remove(guard);
              guard.closed();
            });
    Http2Line line =
        new Http2Line(
            gate,
            limits,
            heads,
            idles,
            channel,
            begun -> {
              guards.remove(guard);
              guard.closed();
              lines.add(begun);
              channel
                  .closeFuture()
                  .addListener(
                      _ -> {
                        lines.remove(begun);
                        begun.closed();
                      });
            });
    PriorKnowledge.offer(
        connection,
        line,
        new PriorKnowledge.Bounds(
            FramingGuard.MAX_HEAD,
            MAX_STREAMS,
            PriorKnowledge.Bounds.WINDOW,
            false,
            limits.headNanos(),
            limits::nanos));
  }

  private static FramingGuard guardOf(HttpServerRequest request) {
    return ((ConnectionBase) request.connection()).channel().attr(GUARD).get();
  }

  /** The parser found something that the guard let pass. */
  private void invalid(HttpServerRequest request) {
    shared.metrics().refusedFraming("parser");
    FramingGuard guard = guardOf(request);
    guard.stopReading();
    request
        .response()
        .setStatusCode(400)
        .putHeader("connection", "close")
        .end()
        .onComplete(_ -> guard.linger());
  }

  private void check() {
    long nanos = parts.time().nanos();
    boolean leaving = parts.leaving().said();
    // A copy: closing a connection takes its guard out of the set.
    new HashSet<>(guards).forEach(guard -> guard.check(nanos, leaving));
    new HashSet<>(lines).forEach(line -> line.check(nanos, leaving));
    running.check();
  }

  /**
   * Stops accepting, lets calls in flight end, then closes.
   *
   * @param seconds how long they may take
   */
  public Future<?> drain(long seconds) {
    return Future.all(
        servers.stream().map(server -> server.shutdown(seconds, TimeUnit.SECONDS)).toList());
  }
}
