package dev.writ.sidecar.capture;

import dev.writ.sidecar.Address;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the kubelet's probes and hooks by asking the app, exactly the table that was admitted: a
 * GET of an exact path without a query, and an answer without a body. Nothing else reaches the app
 * from here. (injection.md, Probes; R30)
 */
public final class ProbeVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeVerticle.class);
  private static final String APP = "127.0.0.1";
  private static final int CONNECT_MILLIS = 5_000;

  /** Bounds what an app that never answers can hold. */
  private static final int HOOK_SECONDS = 3_600;

  private final Address listen;
  private final String app;
  private final Map<String, Probe> probes;
  private @Nullable Clients clients;

  private ProbeVerticle(Address listen, String app, List<Probe> probes) {
    this.listen = listen;
    this.app = app;
    this.probes = probes.stream().collect(Collectors.toMap(Probe::path, Function.identity()));
  }

  /** Asks the app at 127.0.0.1. */
  public static ProbeVerticle of(Address listen, List<Probe> probes) {
    return new ProbeVerticle(listen, APP, probes);
  }

  @Override
  public Future<?> start() {
    clients = Clients.of(vertx);
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(listen.host())
                .setPort(listen.port())
                .setHttp2ClearTextEnabled(false))
        .requestHandler(this::answer)
        .listen();
  }

  /** What the app is asked with; all of them on this verticle's loop. */
  private record Clients(HttpClient plain, HttpClient tls, HttpClient grpc, NetClient tcp) {
    static Clients of(Vertx vertx) {
      return new Clients(
          vertx.createHttpClient(options()),
          vertx.createHttpClient(options().setSsl(true).setTrustAll(true).setVerifyHost(false)),
          vertx.createHttpClient(
              options().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false)),
          vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS)));
    }

    private static HttpClientOptions options() {
      return new HttpClientOptions().setKeepAlive(false).setConnectTimeout(CONNECT_MILLIS);
    }
  }

  private void answer(HttpServerRequest request) {
    Probe probe = probes.get(request.uri());
    Clients with = clients;
    if (probe == null || with == null) {
      request.response().setStatusCode(404).end();
      return;
    }
    if (!request.method().equals(HttpMethod.GET)) {
      request.response().setStatusCode(405).putHeader("allow", "GET").end();
      return;
    }
    ask(probe, with)
        .timeout(probe.hook() ? HOOK_SECONDS : probe.seconds(), TimeUnit.SECONDS)
        .onSuccess(healthy -> request.response().setStatusCode(healthy ? 200 : 503).end())
        .onFailure(failure -> failed(request, probe, failure));
  }

  /** To the kubelet a hook has failed when there is no answer, whatever the status of one is. */
  private static void failed(HttpServerRequest request, Probe probe, Throwable failure) {
    LOG.atDebug()
        .addKeyValue("probe", probe.path())
        .addKeyValue("cause", failure.toString())
        .log("A probe got no answer");
    if (probe.hook()) {
      request.connection().close();
    } else {
      request.response().setStatusCode(failure instanceof TimeoutException ? 504 : 503).end();
    }
  }

  private Future<Boolean> ask(Probe probe, Clients with) {
    return switch (probe.question()) {
      case Probe.Question.Http http -> http(with, probe, http);
      case Probe.Question.Tcp _ ->
          with.tcp
              .connect(probe.port(), app)
              .map(
                  socket -> {
                    var _ = socket.close();
                    return true;
                  });
      case Probe.Question.Grpc check -> grpc(with, probe, check);
    };
  }

  private Future<Boolean> http(Clients with, Probe probe, Probe.Question.Http question) {
    RequestOptions options =
        new RequestOptions()
            .setHost(app)
            .setPort(probe.port())
            .setSsl(question.tls())
            .setURI(question.target())
            .setMethod(HttpMethod.GET)
            .addHeader("user-agent", "kube-probe/writ")
            .addHeader("accept", "*/*");
    question.headers().forEach(header -> options.putHeader(header.name(), header.value()));
    return (question.tls() ? with.tls : with.plain)
        .request(options)
        .compose(HttpClientRequest::send)
        .map(
            response -> {
              response.resume();
              return response.statusCode() >= 200 && response.statusCode() < 400;
            });
  }

  private Future<Boolean> grpc(Clients with, Probe probe, Probe.Question.Grpc check) {
    return with.grpc
        .request(
            new RequestOptions()
                .setHost(app)
                .setPort(probe.port())
                .setURI(GrpcHealth.PATH)
                .setMethod(HttpMethod.POST)
                .putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers"))
        .compose(request -> request.send(Buffer.buffer(GrpcHealth.request(check.service()))))
        .compose(
            response ->
                response
                    .body()
                    .map(
                        body ->
                            response.statusCode() == 200
                                && GrpcHealth.serving(
                                    body.getBytes(), response.trailers().get("grpc-status"))));
  }
}
