package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.flow.Flows;
import dev.writ.sidecar.flow.Memory;
import dev.writ.sidecar.flow.Tunnel;
import dev.writ.sidecar.h2c.PriorKnowledge;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.HeldChain;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The helper on one event loop: its server, its clients and its connections never leave it. */
final class HelperLoop extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(HelperLoop.class);
  private static final int MAX_LINE = 16 * 1024;
  private static final int MAX_HEADERS = 64 * 1024;
  private static final int MAX_STREAMS = 1_024;

  /** A stream that its callee does not read must not stop the app's others. */
  private static final int WINDOW = 1 << 20;

  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final long TIDY_MS = 5_000;

  /**
   * Below the five seconds after which common servers drop an idle connection; Vert.x looks once a
   * second, and may use it until then.
   */
  private static final int IDLE_SECONDS = 3;

  /** How long a call waits for the first enrolment: an app that starts calls at once. */
  private static final long ENROL_MS = 20_000;

  private static final long LOOK_MS = 50;

  /** How long a head of HTTP/2 may take to come. */
  private static final long HEAD_NANOS = 10_000_000_000L;

  /** First byte of a client that speaks TLS. */
  private static final byte TLS_HANDSHAKE = 0x16;

  private final CallContext calls;
  private final Route.Table routes;
  private final DelegationEndpoint endpoint;
  private final Address listen;
  private final int bodyLimit;
  private final Memory memory;
  private final Flows flows;
  private final Map<Endpoint, Connections> connections = new HashMap<>();
  private HttpClientAgent guarded;
  private HttpClientAgent guardedHttp2;
  private HttpClientAgent untouched;
  private HttpClientAgent untouchedHttp2;
  private NetClient tunnels;
  private HttpServer server;

  @SuppressWarnings("NullAway.Init")
  HelperLoop(
      CallContext calls,
      Route.Table routes,
      DelegationEndpoint endpoint,
      Address listen,
      int bodyLimit,
      Memory memory) {
    this.calls = calls;
    this.routes = routes;
    this.endpoint = endpoint;
    this.listen = listen;
    this.bodyLimit = bodyLimit;
    this.memory = memory;
    this.flows = new Flows(memory.flows());
  }

  @Override
  public Future<?> start() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setKeepAliveTimeout(IDLE_SECONDS)
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(MAX_HEADERS);
    guarded = vertx.createHttpClient(options);
    untouched =
        vertx.createHttpClient(
            options, new PoolOptions().setHttp1MaxSize(256).setMaxWaitQueueSize(1_024));
    HttpClientOptions http2 =
        new HttpClientOptions()
            .setConnectTimeout(CONNECT_TIMEOUT_MS)
            .setProtocolVersion(HttpVersion.HTTP_2)
            // Else one reply that the app does not take would stop all others of the connection.
            .setHttp2ConnectionWindowSize(memory.flows().window())
            .setHttp2ClearTextUpgrade(false);
    guardedHttp2 = vertx.createHttpClient(http2);
    untouchedHttp2 =
        vertx.createHttpClient(
            http2, new PoolOptions().setHttp2MaxSize(16).setMaxWaitQueueSize(1_024));
    tunnels = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS));
    vertx.setPeriodic(TIDY_MS, _ -> tidy());
    server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_HEADERS));
    return server
        .connectionHandler(
            connection ->
                PriorKnowledge.offer(
                    connection,
                    this::handle,
                    new PriorKnowledge.Bounds(
                        MAX_HEADERS,
                        MAX_STREAMS,
                        WINDOW,
                        true,
                        HEAD_NANOS,
                        () -> calls.time().nanos())))
        .requestHandler(this::handle)
        .listen(listen.port(), listen.host());
  }

  /** Lets calls end: one that was sent may have been admitted. */
  @Override
  public Future<?> stop() {
    return server.shutdown(Helper.DRAIN_SECONDS, TimeUnit.SECONDS);
  }

  private void tidy() {
    long now = calls.time().moment().monotonicMillis();
    connections.values().forEach(pool -> pool.expire(now));
    connections.values().removeIf(Connections::isEmpty);
  }

  /** The one place where a call that failed is answered. */
  private void handle(HttpServerRequest request) {
    // What is read before a handler is there would be lost.
    request.pause();
    Future<Void> call;
    try {
      call = request.method().equals(HttpMethod.CONNECT) ? tunnel(request) : forward(request);
    } catch (Failure e) {
      call = Future.failedFuture(e);
    } catch (MalformedException e) {
      call = Future.failedFuture(new Failure(ErrorCode.MALFORMED, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      call = Future.failedFuture(e);
    }
    call.onFailure(cause -> Answers.fail(vertx, request, failureOf(cause)));
  }

  private Future<Void> forward(HttpServerRequest request) throws MalformedException, Failure {
    Target target = Target.of(request.uri(), hosts(request));
    if (target.path().equals(DelegationEndpoint.PATH) && routes.isOwn(target)) {
      return delegate(request);
    }
    Route route = routes.of(target);
    if (route.service().isEmpty()) {
      return untouched(request, target, route);
    }
    SpiffeId service = route.service().get();
    if (calls.state().current().trust() == null) {
      return enrolled().compose(_ -> toService(request, target, route, service));
    }
    return toService(request, target, route, service);
  }

  /** Waits for the first enrolment; fails when it does not come. */
  private Future<Void> enrolled() {
    Promise<Void> promise = Promise.promise();
    long since = calls.time().moment().monotonicMillis();
    vertx.setPeriodic(
        LOOK_MS,
        timer -> {
          if (calls.state().current().trust() != null) {
            vertx.cancelTimer(timer);
            promise.complete();
          } else if (calls.time().moment().monotonicMillis() - since > ENROL_MS) {
            vertx.cancelTimer(timer);
            promise.fail(
                new Failure(
                    ErrorCode.REVOCATION_STALE,
                    "The sidecar has not enrolled with the operator yet."));
          }
        });
    return promise.future();
  }

  private Future<Void> toService(
      HttpServerRequest request, Target target, Route route, SpiffeId service) {
    try {
      return underContract(request, target, route, service);
    } catch (Failure e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Void> underContract(
      HttpServerRequest request, Target target, Route route, SpiffeId service) throws Failure {
    Snapshot snapshot = calls.state().current();
    long now = calls.time().moment().epochSeconds();
    Standing standing = calls.deputy().standing(request.headers(), snapshot, now);
    List<HeldChain> chains = calls.deputy().candidates(standing, snapshot, service, now);
    if (chains.isEmpty()) {
      return untouched(request, target, route);
    }
    return guarded(
        request,
        target,
        new Endpoint(route.address(), service, Onward.isGrpc(request)),
        new GuardedCall.Warrant(standing, chains));
  }

  /** Many clients try HTTP/2 on a direct call; there the name stands elsewhere. */
  private static List<String> hosts(HttpServerRequest request) {
    HostAndPort authority = request.version() == HttpVersion.HTTP_2 ? request.authority() : null;
    return authority == null ? request.headers().getAll("host") : List.of(authority.toString());
  }

  /** {@code POST /v1/delegations}. */
  private Future<Void> delegate(HttpServerRequest request) throws Failure {
    if (!request.method().equals(HttpMethod.POST)) {
      throw new Failure(
          ErrorCode.MALFORMED, DelegationEndpoint.PATH + " takes POST with a JSON object.");
    }
    Snapshot snapshot = calls.state().current();
    long now = calls.time().moment().epochSeconds();
    Standing standing = calls.deputy().standing(request.headers(), snapshot, now);
    return Bodies.collect(request, DelegationEndpoint.MAX_BODY)
        .recover(
            _ ->
                Future.failedFuture(
                    new Failure(
                        ErrorCode.BODY_TOO_LARGE,
                        "A delegation is asked for with at most "
                            + DelegationEndpoint.MAX_BODY
                            + " bytes.")))
        .compose(
            body -> {
              try {
                List<HeldChain> chains = calls.deputy().delegable(standing, snapshot, now);
                String json = endpoint.answer(body.getBytes(), chains, snapshot, now);
                return request
                    .response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Cache-Control", "no-store")
                    .end(json);
              } catch (Failure e) {
                return Future.failedFuture(e);
              }
            });
  }

  private Future<Void> untouched(HttpServerRequest request, Target target, Route route) {
    calls.meters().untouched();
    HttpClientAgent client = Onward.isGrpc(request) ? untouchedHttp2 : untouched;
    return PassThrough.forward(client, request, flows, target, route.address());
  }

  private Future<Void> guarded(
      HttpServerRequest request, Target target, Endpoint callee, GuardedCall.Warrant warrant) {
    calls.meters().guarded();
    String field = Hops.proofField(request.headers());
    if (!field.isEmpty()) {
      return Future.failedFuture(
          new Failure(
              ErrorCode.MALFORMED,
              field
                  + " is for the helper to set on calls to "
                  + callee.service
                  + ": call without it, or without the helper."));
    }
    Connections pool =
        connections.computeIfAbsent(
            callee,
            key -> new Connections(vertx, key.grpc ? guardedHttp2 : guarded, key.address, calls));
    Call asked = new Call(request, target, callee.service);
    GuardedCall call = new GuardedCall(vertx, calls, pool, flows, asked);
    HeldChain opening =
        callee.grpc ? ContractChoice.chooseOpening(warrant.chains(), asked.head()) : null;
    if (opening != null) {
      return call.stream(warrant, opening);
    }
    BodyRoom room = new BodyRoom(memory.bodies(), vertx);
    return body(request, room)
        .compose(body -> call.run(warrant, body))
        .onComplete(_ -> room.close());
  }

  /** The whole body, as fast as there is room for it. */
  private Future<Buffer> body(HttpServerRequest request, BodyRoom room) {
    String length = request.getHeader("Content-Length");
    long declared = length == null ? 0 : Long.parseLong(length);
    if (declared > bodyLimit) {
      return Future.failedFuture(tooLong());
    }
    // All of it at once: bodies of which each has a part could wait for one another.
    return room.take(declared)
        .compose(
            _ ->
                declared > 0
                    ? Bodies.collect(request, bodyLimit)
                    : Bodies.collect(request, bodyLimit, room::take))
        .recover(cause -> Future.failedFuture(cause instanceof Bodies.TooLong ? tooLong() : cause));
  }

  private Failure tooLong() {
    return new Failure(
        ErrorCode.BODY_TOO_LARGE,
        "A call under a contract has a body of at most " + bodyLimit + " bytes here.");
  }

  private Future<Void> tunnel(HttpServerRequest request) throws MalformedException {
    calls.meters().tunnel();
    Route route = routes.of(Target.ofConnect(request.uri()));
    return isGuarded(route)
        ? request
            .toNetSocket()
            .onSuccess(app -> throughOurselves(new Tunnel.Side(app, request.connection()), route))
            .mapEmpty()
        : connect(route.address())
            .compose(
                there -> {
                  there.pause();
                  return request
                      .toNetSocket()
                      .onFailure(_ -> there.close())
                      .map(
                          app ->
                              Relay.join(
                                  new Tunnel.Side(app, request.connection()),
                                  Tunnel.Side.of(there),
                                  context,
                                  flows));
                });
  }

  /** Whether calls to it need a proof, which a tunnel would carry past us. */
  private boolean isGuarded(Route route) {
    Snapshot snapshot = calls.state().current();
    return route.service().isPresent()
        && !ContractChoice.covering(
                snapshot.contracts(), route.service().get(), calls.time().moment().epochSeconds())
            .isEmpty();
  }

  /**
   * Some clients ask for a tunnel for plain HTTP too. What they say in it is a call to this helper;
   * TLS goes on as it is, nobody could sign for it.
   */
  private void throughOurselves(Tunnel.Side side, Route route) {
    NetSocket app = side.socket();
    app.handler(
        first -> {
          app.pause();
          boolean tls = first.length() > 0 && first.getByte(0) == TLS_HANDSHAKE;
          connect(tls ? route.address() : listen)
              .onSuccess(
                  there -> {
                    there.write(first);
                    Relay.join(side, Tunnel.Side.of(there), context, flows);
                    app.resume();
                  })
              .onFailure(_ -> app.close());
        });
  }

  private Future<NetSocket> connect(Address to) {
    return tunnels
        .connect(to.port(), to.host())
        .recover(_ -> Future.failedFuture(Failure.unreachable("Couldn't connect to " + to + ".")));
  }

  private Failure failureOf(Throwable cause) {
    calls.meters().failed();
    if (cause instanceof Failure failure) {
      return failure;
    }
    LOG.atWarn().setCause(cause).log("couldn't make a call of the app");
    return Failure.unreachable("The helper couldn't make this call.");
  }

  /**
   * Connections are checked against one service: another service at the same address has its own.
   */
  private record Endpoint(Address address, SpiffeId service, boolean grpc) {}
}
