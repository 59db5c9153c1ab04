package dev.writ.sidecar.gate;

import dev.writ.sidecar.Address;
import dev.writ.sidecar.flow.FlowMemory;
import dev.writ.sidecar.flow.Flows;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/**
 * The gate's own pipe without a gate: what {@code bench/} compares the gate with. It lives among
 * the tests so that no shipped code can carry a call without a decision.
 */
final class PlainPipe extends VerticleBase {
  private final Address listen;
  private final Address upstream;
  private final Flows flows = new Flows(new FlowMemory(1 << 30, 1));

  private PlainPipe(Address listen, Address upstream) {
    this.listen = listen;
    this.upstream = upstream;
  }

  /** Listen address, upstream address. */
  public static void main(String[] args) {
    Address listen = Address.parse(args[0]);
    Address upstream = Address.parse(args[1]);
    Vertx.vertx(new VertxOptions().setPreferNativeTransport(true))
        .deployVerticle(
            () -> new PlainPipe(listen, upstream),
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
        .await();
  }

  @Override
  public Future<?> start() {
    HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(10_000));
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(listen.host())
                .setPort(listen.port())
                .setTcpNoDelay(true))
        .requestHandler(request -> request.body().onSuccess(body -> pass(client, request, body)))
        .listen();
  }

  private void pass(HttpClient client, HttpServerRequest request, Buffer body) {
    RequestOptions to =
        new RequestOptions()
            .setMethod(request.method())
            .setURI(request.uri())
            .setHost(upstream.host())
            .setPort(upstream.port())
            .setHeaders(request.headers());
    Nothing nothing = new Nothing();
    new Relay(request, nothing, context, flows, nothing).send(client, to, null, body, true);
  }

  /** Nobody records, and nothing is refused. */
  private static final class Nothing implements Relay.Events, Carrier {
    private final Flows.Line line = new Flows.Line();

    @Override
    public Flows.Line line() {
      return line;
    }

    @Override
    public void answering(HttpServerResponse response) {}

    @Override
    public void answering() {}

    @Override
    public void streaming(boolean opening) {}

    @Override
    public void answered() {}

    @Override
    public void stopReading() {}

    @Override
    public void linger() {}

    @Override
    public void abort() {}

    @Override
    public void tunnel() {}

    @Override
    public void ended(int status) {}

    @Override
    public void unreachable(Throwable cause) {
      throw new IllegalStateException("the app did not answer", cause);
    }

    @Override
    public void stopped() {}
  }
}
