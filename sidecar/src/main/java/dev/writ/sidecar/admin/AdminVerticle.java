package dev.writ.sidecar.admin;

import dev.writ.contract.Names;
import dev.writ.sidecar.Address;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Serves {@code /healthz}, {@code /readyz} and {@code /metrics}. */
public final class AdminVerticle extends VerticleBase {
  private final Address listen;
  private final Supplier<@Nullable String> notReady;
  private final PrometheusMeterRegistry meters;

  /**
   * On one address.
   *
   * @param notReady why the sidecar is not ready, null when it is
   */
  public AdminVerticle(
      Address listen, Supplier<@Nullable String> notReady, PrometheusMeterRegistry meters) {
    this.listen = listen;
    this.notReady = notReady;
    this.meters = meters;
  }

  @Override
  public Future<?> start() {
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setHost(listen.host())
                .setPort(listen.port())
                .setHttp2ClearTextEnabled(false))
        .requestHandler(this::answer)
        .listen();
  }

  private void answer(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.GET)) {
      request.response().setStatusCode(405).putHeader("allow", "GET").end();
      return;
    }
    switch (request.path()) {
      case Names.HEALTH_PATH -> request.response().end("ok\n");
      case Names.READY_PATH -> ready(request);
      case Names.METRICS_PATH ->
          request
              .response()
              .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
              .end(meters.scrape());
      case null, default -> request.response().setStatusCode(404).end();
    }
  }

  private void ready(HttpServerRequest request) {
    String reason = notReady.get();
    if (reason == null) {
      request.response().end("ready\n");
    } else {
      request.response().setStatusCode(503).end(reason + "\n");
    }
  }
}
