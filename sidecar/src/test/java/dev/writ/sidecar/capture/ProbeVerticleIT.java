package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.sidecar.Address;
import dev.writ.sidecar.capture.Probe.Header;
import dev.writ.sidecar.capture.Probe.Question;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against apps on real sockets, by every protocol that a kubelet speaks. */
final class ProbeVerticleIT {
  private static final HttpClient KUBELET =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  @TempDir static Path folder;
  private static Vertx vertx;
  private static int listen;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    int plain = server(new HttpServerOptions(), ProbeVerticleIT::app);
    int tls =
        server(
            new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PfxOptions().setPath(keystore()).setPassword("changeit")),
            ProbeVerticleIT::app);
    int grpc = server(new HttpServerOptions(), ProbeVerticleIT::health);
    int closed = free();
    listen = free();
    Question.Http get = new Question.Http(false, "/ok?deep=1", List.of(new Header("X-P", "7")));
    List<Probe> probes =
        List.of(
            new Probe("/app/http", plain, 5, get),
            new Probe("/app/bad", plain, 5, new Question.Http(false, "/bad", List.of())),
            new Probe("/app/moved", plain, 5, new Question.Http(false, "/moved", List.of())),
            new Probe("/app/slow", plain, 1, new Question.Http(false, "/slow", List.of())),
            new Probe("/app/https", tls, 5, new Question.Http(true, "/ok", List.of())),
            new Probe("/app/tcp", plain, 5, new Question.Tcp()),
            new Probe("/app/tcpClosed", closed, 5, new Question.Tcp()),
            new Probe("/app/grpc", grpc, 5, new Question.Grpc("ledger")),
            new Probe("/app/grpcServer", grpc, 5, new Question.Grpc("")),
            new Probe("/app/grpcSick", grpc, 5, new Question.Grpc("sick")),
            new Probe("/app/grpcUnknown", grpc, 5, new Question.Grpc("unknown")),
            new Probe("/app/grpcOnHttp1", closed, 5, new Question.Grpc("")),
            new Probe("/app/postStart", plain, 0, new Question.Http(false, "/bad", List.of())),
            new Probe("/app/preStop", closed, 0, new Question.Http(false, "/", List.of())));
    vertx
        .deployVerticle(ProbeVerticle.of(new Address("127.0.0.1", listen), probes))
        .toCompletionStage()
        .toCompletableFuture()
        .get();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  @Test
  void theAppIsAskedExactlyWhatTheAuthorWrote() throws Exception {
    assertThat(status("/app/http")).isEqualTo(200);
    assertThat(SEEN).containsExactly("GET /ok?deep=1 X-P=7");
    assertThat(status("/app/https")).isEqualTo(200);
  }

  @Test
  void statusesAreReadAsTheKubeletReadsThem() throws Exception {
    assertThat(status("/app/bad")).isEqualTo(503);
    assertThat(status("/app/moved")).isEqualTo(200);
    assertThat(status("/app/slow")).isEqualTo(504);
  }

  @Test
  void portsAreOpenOrNot() throws Exception {
    assertThat(status("/app/tcp")).isEqualTo(200);
    assertThat(status("/app/tcpClosed")).isEqualTo(503);
  }

  @Test
  void grpcServicesServeOrNot() throws Exception {
    assertThat(status("/app/grpc")).isEqualTo(200);
    assertThat(status("/app/grpcServer")).isEqualTo(200);
    assertThat(status("/app/grpcSick")).isEqualTo(503);
    assertThat(status("/app/grpcUnknown")).isEqualTo(503);
    assertThat(status("/app/grpcOnHttp1")).isEqualTo(503);
  }

  @Test
  void aHookFailsOnlyWhenThereIsNoAnswer() throws Exception {
    assertThat(status("/app/postStart")).isEqualTo(503);
    assertThatThrownBy(() -> status("/app/preStop")).isInstanceOf(IOException.class);
  }

  @Test
  void nothingElseReachesTheApp() throws Exception {
    // When
    List<Integer> statuses =
        List.of(
            status("/"),
            status("/ok"),
            status("/app"),
            status("/app/http/"),
            status("/app/http?x=1"),
            status("/app/%68ttp"),
            status("/app/../app/http"));
    int posted =
        send(
            HttpRequest.newBuilder(uri("/app/http"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build());
    // Then
    assertThat(statuses).containsOnly(404);
    assertThat(posted).isEqualTo(405);
    assertThat(SEEN).isEmpty();
  }

  private static int status(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:" + listen + path);
  }

  private static int send(HttpRequest request) throws Exception {
    HttpResponse<String> response = KUBELET.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.body()).isEmpty();
    return response.statusCode();
  }

  private static void app(HttpServerRequest request) {
    SEEN.add(request.method() + " " + request.uri() + " X-P=" + request.getHeader("X-P"));
    switch (request.path()) {
      case "/bad" -> request.response().setStatusCode(500).end("secret");
      case "/moved" -> request.response().setStatusCode(302).putHeader("location", "/x").end();
      case "/slow" -> {
        // Never answers.
      }
      default -> request.response().end("fine");
    }
  }

  private static void health(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              String service = body.length() > 7 ? body.getString(7, body.length()) : "";
              boolean known = !service.equals("unknown");
              byte state = (byte) (service.equals("sick") ? 2 : 1);
              request
                  .response()
                  .putHeader("content-type", "application/grpc")
                  .putTrailer("grpc-status", known ? "0" : "5");
              if (known) {
                request.response().write(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 8, state}));
              }
              request.response().end();
            });
  }

  private static int server(
      HttpServerOptions options, io.vertx.core.Handler<HttpServerRequest> handler)
      throws Exception {
    return vertx
        .createHttpServer(options.setHost("127.0.0.1").setPort(0))
        .requestHandler(handler)
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .get()
        .actualPort();
  }

  private static String keystore() throws Exception {
    Path file = folder.resolve("app.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "app",
                "-keyalg",
                "EC",
                "-dname",
                "CN=somebody.else",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    return file.toString();
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
