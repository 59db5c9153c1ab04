package dev.writ.sidecar.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An agent of namespace {@code plan}: a real sidecar with gate and helper, and an app that does
 * what it is asked to do by asking the next one. {@code X-Route} says whom, {@code X-Pass} which of
 * the two headers that name the work it passes on.
 */
final class Agent implements AutoCloseable {
  static final String TRANSFERS = "/v1/transfers";

  final PrivateKey key = PrivateKey.generate();
  final List<String> contexts = new CopyOnWriteArrayList<>();
  final RunningSidecar sidecar;
  private final String name;
  private final Issuer issuer;
  private final Path contracts;
  private final int helperPort = RunningSidecar.freePort();
  private final HttpServer app;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;

  Agent(Path directory, Issuer issuer, String name) throws IOException {
    this.name = name;
    this.issuer = issuer;
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.setExecutor(threads);
    app.createContext("/", this::serve);
    app.start();
    Path home = Files.createDirectory(directory.resolve(name));
    contracts = Files.createDirectory(home.resolve("contracts"));
    Files.writeString(home.resolve("key.jwk"), key.toJwk());
    Files.writeString(
        home.resolve("identity.jws"), issuer.identity(name, key.publicKey(), Issuer.service(name)));
    sidecar = new RunningSidecar(home, issuer, app.getAddress().getPort());
    sidecar.environment.put("WRIT_SERVICES", Issuer.service(name));
    sidecar.environment.put("WRIT_OUTBOUND", "127.0.0.1:" + helperPort);
    sidecar.environment.put("WRIT_KEY_FILE", home.resolve("key.jwk").toString());
    sidecar.environment.put("WRIT_IDENTITY_FILE", home.resolve("identity.jws").toString());
    sidecar.environment.put("WRIT_CONTRACTS_DIR", contracts.toString());
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(
                ProxySelector.of(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), helperPort)))
            .build();
  }

  String workload() {
    return Issuer.workload(name);
  }

  /** A contract of its own for a service, that others may get from it. */
  Agent holds(String service, long maxDepth, String... delegateTo) throws IOException {
    Issuer.Draft draft = issuer.contract(key);
    draft.sub = workload();
    draft.aud = service;
    draft.maxDepth = maxDepth;
    draft.delegateTo = List.of(delegateTo).stream().map(Issuer::workload).toList();
    draft.calls = 1_000L;
    Files.writeString(contracts.resolve(draft.cid + ".jws"), draft.sign());
    return this;
  }

  /** Asks another agent, over the own helper. */
  HttpResponse<String> ask(String host, String route, String pass, String... fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + host + TRANSFERS))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .header("X-Pass", pass);
    if (!route.isEmpty()) {
      request.header("X-Route", route);
    }
    for (int i = 0; i < fields.length; i += 2) {
      request.header(fields[i], fields[i + 1]);
    }
    return client.send(
        request.POST(BodyPublishers.ofString("{\"amount\":5}")).build(), BodyHandlers.ofString());
  }

  /** Asks its own helper for a delegation. */
  HttpResponse<String> delegate(String json) throws IOException, InterruptedException {
    try (HttpClient direct = HttpClient.newHttpClient()) {
      return direct.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + helperPort + "/v1/delegations"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(json))
              .build(),
          BodyHandlers.ofString());
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String context = exchange.getRequestHeaders().getFirst("Capability-Context");
      contexts.add(String.valueOf(context));
      String[] route = exchange.getRequestHeaders().getFirst("X-Route").split(",", 2);
      String pass = exchange.getRequestHeaders().getFirst("X-Pass");
      String trace = exchange.getRequestHeaders().getFirst("traceparent");
      String[] fields =
          switch (pass) {
            case "context" -> new String[] {"Capability-Context", context};
            case "trace" -> new String[] {"traceparent", trace.replace("-b7ad", "-c7ad")};
            default -> new String[0];
          };
      HttpResponse<String> reply = ask(route[0], route.length == 2 ? route[1] : "", pass, fields);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.statusCode(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    client.close();
    try {
      sidecar.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    app.stop(0);
    threads.shutdownNow();
  }
}
