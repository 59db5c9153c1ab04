package dev.writ.operator.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's HTTP server with one virtual thread per exchange, exact paths, and a bound on every
 * body.
 */
public final class HttpsListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpsListener.class);
  private static final int BACKLOG = 1024;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Route> first;
  private volatile Map<String, Route> routes;

  private volatile boolean leaving;

  /** Until then a path that is not known may be one that comes. */
  private volatile boolean complete = true;

  /** What answers on a path. */
  sealed interface Route {
    String method();

    /**
     * Reads the request whole, then answers.
     *
     * @param maxBody bytes
     */
    record Whole(String method, int maxBody, Endpoint endpoint) implements Route {}

    /** Answers for as long as it likes. */
    record Stream(String method, StreamEndpoint endpoint) implements Route {}

    /** Answers for every path below the one it stands under, which ends with a slash. */
    record Below(String method, Tree tree) implements Route {}
  }

  /** What is read below one path. */
  @FunctionalInterface
  interface Tree {
    /**
     * The answer for a path.
     *
     * @param path what comes after the one that it stands under, as the client wrote it
     */
    Reply at(String path) throws ControlException;
  }

  /** Answers on an exchange of its own; may throw before the first byte of the answer. */
  @FunctionalInterface
  interface StreamEndpoint {
    void handle(HttpExchange exchange) throws ControlException, IOException;
  }

  /**
   * Binds; nothing is answered before {@link #start}.
   *
   * @param tls null: plain HTTP
   */
  HttpsListener(InetSocketAddress address, @Nullable SSLContext tls, Map<String, Route> routes)
      throws IOException {
    first = Map.copyOf(routes);
    this.routes = first;
    server = bind(address, tls);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
  }

  /** Says of paths that are not known that they can't be answered yet, until more are added. */
  HttpsListener awaitingMore() {
    complete = false;
    return this;
  }

  /** Answers these too from now on; after this no more come. */
  void add(Map<String, Route> more) {
    Map<String, Route> all = new HashMap<>(routes);
    all.putAll(more);
    routes = Map.copyOf(all);
    complete = true;
  }

  /** Answers no more than in the beginning; the rest is to be asked of another replica. */
  public void withdraw() {
    complete = false;
    routes = first;
  }

  private static HttpServer bind(InetSocketAddress address, @Nullable SSLContext tls)
      throws IOException {
    try {
      if (tls == null) {
        return HttpServer.create(address, BACKLOG);
      }
      HttpsServer https = HttpsServer.create(address, BACKLOG);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      return https;
    } catch (IOException e) {
      throw new IOException(
          "couldn't listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage());
    }
  }

  /** Starts to answer. */
  public void start() {
    server.start();
  }

  /** The port it is bound to. */
  public int port() {
    return server.getAddress().getPort();
  }

  /**
   * Every answer from now on is the last of its connection. Who keeps connections for later, as the
   * API server does, would else find out that this replica is gone by a request that fails.
   */
  public void leave() {
    leaving = true;
  }

  /** Gives open exchanges a second, then cuts them. */
  @Override
  public void close() {
    server.stop(1);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) {
    try (exchange) {
      if (leaving) {
        exchange.getResponseHeaders().set("Connection", "close");
      }
      String path = Objects.requireNonNullElse(exchange.getRequestURI().getRawPath(), "");
      int under = path.indexOf('/', 1) + 1;
      Route below = routes.get(path.substring(0, under));
      Route route = below instanceof Route.Below ? below : routes.get(path);
      try {
        if (route == null && !complete) {
          throw new ControlException(
              ControlError.UNAVAILABLE, "this replica does not lead; ask the Service again");
        }
        if (route == null) {
          throw new ControlException(ControlError.NOT_FOUND, "no such path");
        }
        if (!route.method().equals(exchange.getRequestMethod())) {
          throw new ControlException(ControlError.METHOD_NOT_ALLOWED, "use " + route.method());
        }
        switch (route) {
          case Route.Below found -> send(exchange, found.tree().at(path.substring(under)));
          case Route.Stream stream -> stream.endpoint().handle(exchange);
          case Route.Whole whole ->
              send(exchange, whole.endpoint().handle(read(exchange, whole.maxBody())));
        }
      } catch (ControlException e) {
        send(exchange, Reply.problem(e.error(), String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        LOG.atError()
            .addKeyValue("path", exchange.getRequestURI().getRawPath())
            .setCause(e)
            .log("couldn't answer a request");
        send(exchange, Reply.problem(ControlError.INTERNAL, "see the operator's log"));
      }
    } catch (IOException e) {
      LOG.atDebug()
          .addKeyValue("peer", exchange.getRemoteAddress())
          .addKeyValue("cause", e.toString())
          .log("connection lost");
    }
  }

  private static Request read(HttpExchange exchange, int maxBody)
      throws IOException, ControlException {
    List<String> authorization =
        exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
    byte[] body = exchange.getRequestBody().readNBytes(maxBody + 1);
    if (body.length > maxBody) {
      throw new ControlException(ControlError.BODY_TOO_LARGE, "at most " + maxBody + " bytes");
    }
    return new Request(authorization, body);
  }

  static void send(HttpExchange exchange, Reply reply) throws IOException {
    if (exchange.getResponseCode() != -1) {
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", reply.mediaType());
    exchange.getResponseHeaders().set("Cache-Control", reply.cacheControl());
    exchange.sendResponseHeaders(
        reply.status(), reply.body().length == 0 ? -1 : reply.body().length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(reply.body());
    }
  }
}
