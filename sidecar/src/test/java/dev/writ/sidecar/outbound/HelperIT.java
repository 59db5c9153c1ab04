package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Match;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Revocations;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Parts;
import dev.writ.sidecar.StartException;
import dev.writ.sidecar.flow.Memory;
import dev.writ.sidecar.state.HeldContract;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Contexts;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HelperIT {
  private static final Path NOWHERE = Path.of("nowhere");

  @TempDir private Path directory;
  private final World world = new World();
  private final Vertx vertx = Vertx.vertx();
  private final Vertx callees = Vertx.vertx();
  private final Map<Address, Address> hosts = new HashMap<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<HeldContract> contracts = new ArrayList<>();
  private SidecarState state;
  private Address outbound;
  private Helper helper;
  private HttpClient app;

  @BeforeEach
  void address() throws Exception {
    try (ServerSocket free = new ServerSocket(0)) {
      outbound = new Address("127.0.0.1", free.getLocalPort());
    }
    contracts.add(world.contract(World.LEDGER, World.CID));
  }

  @AfterEach
  void close() {
    if (helper != null) {
      helper.stop().await();
    }
    vertx.close().await();
    callees.close().await();
  }

  private static Configuration.Source standalone(Path contractsDir) {
    SpiffeId self = SpiffeId.service("cluster.local", "plan", "agent");
    return new Configuration.Standalone(
        List.of(self), List.of(Protocol.HTTP), NOWHERE, null, null, null, contractsDir);
  }

  private static Configuration.Source cluster() {
    return new Configuration.Cluster(
        URI.create("https://operator:1"), NOWHERE, NOWHERE, "plan", "agent-0", "uid");
  }

  private void start(Configuration.Source source) throws Exception {
    Configuration configuration =
        new Configuration(
            source,
            List.of(
                new Configuration.Guard(
                    new Address("127.0.0.1", 1), new Address("127.0.0.1", 2), 1)),
            Configuration.Enforcement.ENFORCE,
            Configuration.Deputy.CALLER_FIRST,
            Configuration.DEFAULT_BODY_LIMIT,
            Configuration.Answers.DEFAULT,
            NOWHERE,
            "cluster.local",
            outbound,
            null,
            hosts,
            dev.writ.sidecar.capture.CaptureSettings.NONE);
    state =
        new SidecarState(
            new Snapshot(
                0, world.trust, new Revocations.Unconfigured(), null, contracts, List.of()));
    Parts parts =
        new Parts(
            vertx,
            configuration,
            world.time,
            state,
            "00000000000000aa",
            world.caller,
            Ed25519.bouncyCastle(),
            null,
            new Works(new Contexts(new SecureRandom()), 16, 100_000),
            null,
            meters,
            () -> {});
    helper = Helper.start(parts, parts.key(), Memory.of(4 << 20, 2 << 20, 2), 2).await();
    app =
        HttpClient.newBuilder()
            .proxy(ProxySelector.of(new InetSocketAddress(outbound.host(), outbound.port())))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  /** The ledger is what listens there. */
  private void startBehind(int port) throws Exception {
    hosts.put(new Address("ledger.bank", 80), new Address("127.0.0.1", port));
    start(standalone(null));
  }

  private TestReplica replica() throws Exception {
    TestReplica replica = new TestReplica(callees, world);
    startBehind(replica.port());
    return replica;
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://ledger.bank" + path))
        .timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return app.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return app.send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  private int[] load(int calls, int callers, Callable<HttpResponse<String>> call) throws Exception {
    AtomicInteger left = new AtomicInteger(calls);
    AtomicInteger good = new AtomicInteger();
    AtomicInteger bad = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        all.add(
            threads.submit(
                () -> {
                  while (left.getAndDecrement() > 0) {
                    HttpResponse<String> reply = call.call();
                    if (reply.statusCode() == 200) {
                      good.incrementAndGet();
                    } else {
                      bad.incrementAndGet();
                      failures.add(reply.statusCode() + " " + reply.body());
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    return new int[] {good.get(), bad.get()};
  }

  @Test
  void aPlainCallArrivesUnderTheContract() throws Exception {
    // Given
    TestReplica replica = replica();

    // When
    HttpResponse<String> reply = post("/v1/transfers?x=1", "{\"amount\":5}");

    // Then
    assertThat(reply.statusCode()).isEqualTo(200);
    assertThat(reply.body())
        .startsWith("POST /v1/transfers?x=1\n")
        .contains("Capability-Contract: ")
        .contains("Host: ledger.bank\n");
    assertThat(reply.headers().firstValue("Capability-Receipt")).contains("boot.1");
    assertThat(replica.admitted).hasValue(1);
  }

  @Test
  void originFormWithHostWorksToo() throws Exception {
    // Given
    replica();

    // When
    String reply =
        raw(
            "GET /v1/x HTTP/1.1",
            "Host: ledger.bank",
            "traceparent: 00-a-b-01",
            "Connection: close",
            "",
            "");

    // Then
    assertThat(reply)
        .startsWith("HTTP/1.1 200")
        .contains("traceparent: 00-a-b-01")
        .contains("GET /v1/x\n");
  }

  @Test
  void aRefusalOfTheGateReachesTheAppAsItIs() throws Exception {
    // Given
    TestReplica replica = replica();

    // When
    HttpResponse<String> reply = get("/v2/secret");

    // Then
    assertThat(reply.statusCode()).isEqualTo(403);
    assertThat(reply.body()).contains("\"code\":\"action-not-granted\"");
    assertThat(replica.refused(ErrorCode.ACTION_NOT_GRANTED)).isEqualTo(1);
  }

  @Test
  void tenThousandCallsOver64ConnectionsNeverFail() throws Exception {
    // Given
    TestReplica replica = replica();

    // When
    int[] result = load(10_000, 64, () -> get("/v1/x"));

    // Then
    assertThat(result).containsExactly(10_000, 0);
    assertThat(replica.admitted).hasValue(10_000);
    assertThat(replica.refused).isEmpty();
  }

  @Test
  void replicasBehindABalancerShareNothingAndOneMayRestart() throws Exception {
    // Given
    List<TestReplica> replicas =
        List.of(
            new TestReplica(callees, world),
            new TestReplica(callees, world),
            new TestReplica(callees, world));
    try (TestBalancer balancer = new TestBalancer(callees, replicas)) {
      startBehind(balancer.port());

      // When
      int[] before = load(1_500, 32, () -> get("/v1/x"));
      replicas.get(1).close();
      int[] without = load(500, 32, () -> get("/v1/x"));
      replicas.get(1).start();
      int[] after = load(1_500, 32, () -> post("/v1/x", "{}"));

      // Then
      assertThat(failures).isEmpty();
      assertThat(List.of(before[0], without[0], after[0])).containsExactly(1_500, 500, 1_500);
      assertThat(replicas).allSatisfy(one -> assertThat(one.admitted).hasPositiveValue());
      assertThat(replicas.stream().mapToInt(one -> one.admitted.get()).sum()).isEqualTo(3_500);
      assertThat(replicas).allSatisfy(one -> assertThat(one.refused(ErrorCode.REPLAYED)).isZero());
    }
  }

  @Test
  void aChallengeThatDiedOnAnOpenConnectionIsReplaced() throws Exception {
    // Given
    TestReplica replica = replica();
    load(200, 16, () -> post("/v1/x", "{}"));

    // When
    replica.rekey();
    int[] after = load(200, 16, () -> post("/v1/x", "{}"));

    // Then
    assertThat(failures).isEmpty();
    assertThat(after).containsExactly(200, 0);
    assertThat(replica.refused(ErrorCode.USE_NONCE)).isBetween(1, 16);
    assertThat(replica.admitted).hasValue(400);
  }

  @Test
  void aStreamWhoseOpeningWasRefusedIsOpenedAgainWithWhatWasSaid() throws Exception {
    // Given
    contracts.clear();
    contracts.add(
        world.contract(World.LEDGER, World.CID, new Match.GrpcMatch("p.S", List.of("Chat"), true)));
    TestReplica replica = replica();
    replica.protocol = Protocol.GRPC;
    replica.app = request -> request.pipeTo(request.response());
    // One connection, so that the helper meets the new boot on the connection that it has.
    var client =
        callees.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    assertThat(chat(client, "one", "two")).containsExactly("one", "two", "end");

    // When
    replica.rekey();
    List<String> heard = chat(client, "three", "four");

    // Then
    assertThat(heard).containsExactly("three", "four", "end");
    assertThat(replica.refused(ErrorCode.USE_NONCE)).isEqualTo(1);
    assertThat(replica.challenges).as("both on one connection").hasValue(1);
    assertThat(replica.admitted).hasValue(2);
  }

  /** Opens a stream, says each thing when the one before came back, and what was heard. */
  private List<String> chat(io.vertx.core.http.HttpClient client, String... words)
      throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    HttpClientRequest call =
        client.request(HttpMethod.POST, outbound.port(), outbound.host(), "/p.S/Chat").await();
    call.authority(HostAndPort.create("ledger.bank", 80));
    call.putHeader("content-type", "application/grpc");
    call.response()
        .onSuccess(
            reply -> {
              reply.handler(
                  part -> {
                    if (part.length() > 0) {
                      heard.add(part.toString());
                    }
                  });
              reply.endHandler(_ -> heard.add("end"));
            });
    List<String> all = new ArrayList<>();
    for (String word : words) {
      call.write(word);
      all.add(heard.poll(30, TimeUnit.SECONDS));
    }
    call.end();
    all.add(heard.poll(30, TimeUnit.SECONDS));
    return all;
  }

  @Test
  void aCallLostBeforeItWasTakenIsSentAgain() throws Exception {
    // Given
    TestReplica replica = replica();
    post("/v1/x", "{}");

    // When
    replica.dropBefore.set(1);
    HttpResponse<String> reply = post("/v1/x", "{}");

    // Then
    assertThat(reply.statusCode()).isEqualTo(200);
    assertThat(replica.admitted).hasValue(2);
  }

  @Test
  void aReplicaThatDoesNotListenForAMomentIsConnectedToAgain() throws Exception {
    // Given
    TestReplica replica = replica();
    replica.close();
    callees.setTimer(400, _ -> Thread.startVirtualThread(replica::start));
    // When
    HttpResponse<String> reply = post("/v1/x", "{}");
    // Then
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    assertThat(replica.admitted).hasValue(1);
  }

  @Test
  void aReplicaThatNeverListensIsSaidToBeGone() throws Exception {
    // Given
    replica().close();
    // When
    HttpResponse<String> reply = post("/v1/x", "{}");
    // Then
    assertThat(reply.statusCode()).isEqualTo(502);
    assertThat(reply.body()).contains("Couldn't connect to ");
  }

  @Test
  void noCallMeetsTheEndOfAReplicaThatLeaves() throws Exception {
    // Given
    TestReplica leaving = new TestReplica(callees, world);
    TestReplica staying = new TestReplica(callees, world);
    try (TestBalancer balancer = new TestBalancer(callees, List.of(leaving, staying))) {
      startBehind(balancer.port());
      load(400, 32, () -> post("/v1/x", "{}"));
      // When its answers ask callers to move on while others take what is new
      leaving.leaving = true;
      balancer.only(staying);
      load(400, 32, () -> post("/v1/x", "{}"));
      leaving.leaving = false;
      int before = leaving.admitted.get();
      load(400, 32, () -> post("/v1/x", "{}"));
      // Then connections that were idle all the while are not used either
      assertThat(leaving.admitted).hasValue(before);
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void anAnswerFromBeforeTheReplicaLeftDoesNotKeepItsConnection() throws Exception {
    // Given an answer that is begun before the replica knows that it leaves
    TestReplica leaving = new TestReplica(callees, world);
    TestReplica staying = new TestReplica(callees, world);
    try (TestBalancer balancer = new TestBalancer(callees, List.of(leaving))) {
      startBehind(balancer.port());
      CompletableFuture<HttpServerRequest> held = new CompletableFuture<>();
      leaving.app = held::complete;
      CompletableFuture<HttpResponse<String>> early =
          app.sendAsync(request("/v1/x").build(), BodyHandlers.ofString());
      HttpServerRequest open = held.get(10, TimeUnit.SECONDS);
      // When it is read after one that says so
      leaving.app = TestReplica::echo;
      leaving.leaving = true;
      assertThat(get("/v1/x").statusCode()).isEqualTo(200);
      leaving.leaving = false;
      callees.runOnContext(_ -> TestReplica.echo(open));
      assertThat(early.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      // Then nothing more goes there
      balancer.only(staying);
      load(100, 8, () -> get("/v1/x"));
      assertThat(leaving.admitted).hasValue(2);
      assertThat(failures).isEmpty();
    }
  }

  /** Who calls rarely does not hear that the replica leaves: it must not find its end. */
  @Test
  void aConnectionThatWasIdleForSecondsIsNotUsedAgain() throws Exception {
    // Given
    TestReplica leaving = new TestReplica(callees, world);
    TestReplica staying = new TestReplica(callees, world);
    try (TestBalancer balancer = new TestBalancer(callees, List.of(leaving))) {
      startBehind(balancer.port());
      load(8, 8, () -> post("/v1/x", "{}"));
      balancer.only(staying);
      // When
      Thread.sleep(2_500);
      load(100, 8, () -> post("/v1/x", "{}"));
      // Then
      assertThat(leaving.admitted).hasValue(8);
      assertThat(staying.admitted).hasValue(100);
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void aCallThatComesBeforeTheFirstEnrolmentWaitsForIt() throws Exception {
    // Given
    TestReplica replica = replica();
    Snapshot enrolled = state.current();
    state.update(
        _ -> new Snapshot(0, null, new Revocations.Unconfigured(), null, List.of(), List.of()));
    // When
    vertx.setTimer(600, _ -> state.update(_ -> enrolled));
    HttpResponse<String> reply = post("/v1/x", "{}");
    // Then
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    assertThat(replica.admitted).hasValue(1);
  }

  @Test
  void aCallLostAfterItWasTakenIsNotTakenTwice() throws Exception {
    // Given
    TestReplica replica = replica();
    post("/v1/x", "{}");

    // When
    replica.dropAfter.set(1);
    HttpResponse<String> reply = post("/v1/x", "{}");

    // Then
    assertThat(reply.statusCode()).isEqualTo(502);
    assertThat(reply.body()).contains("upstream-unavailable").contains("may have been carried out");
    assertThat(replica.admitted).hasValue(2);
    assertThat(replica.refused(ErrorCode.REPLAYED)).isEqualTo(1);
  }

  @Test
  void otherHostsGetTheRequestUntouched() throws Exception {
    // Given
    HttpServer other =
        callees.createHttpServer().requestHandler(TestReplica::echo).listen(0, "127.0.0.1").await();
    hosts.put(new Address("api.example", 80), new Address("127.0.0.1", other.actualPort()));
    start(standalone(null));

    // When
    String reply =
        raw(
            "POST http://api.example/x HTTP/1.1",
            "Host: ignored",
            "Signature: a=:b:",
            "Content-Length: 3",
            "Connection: close",
            "",
            "abc");

    // Then
    assertThat(reply)
        .contains("POST /x\n")
        .contains("Signature: a=:b:")
        .contains("Host: api.example\n")
        .doesNotContain("Capability-Contract");
  }

  @Test
  void connectIsATunnel() throws Exception {
    // Given
    var echo =
        callees
            .createNetServer()
            .connectHandler(socket -> socket.handler(socket::write))
            .listen(0, "127.0.0.1")
            .await();
    start(standalone(null));

    // When
    try (Socket socket = new Socket(outbound.host(), outbound.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("CONNECT 127.0.0.1:" + echo.actualPort() + " HTTP/1.1\r\nHost: x\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String status = in.readLine();
      String line = in.readLine();
      while (!line.isEmpty()) {
        line = in.readLine();
      }
      out.write("\u0016\u0003 hello\n".getBytes(StandardCharsets.US_ASCII));

      // Then
      assertThat(status).startsWith("HTTP/1.1 200");
      assertThat(in.readLine()).isEqualTo("\u0016\u0003 hello");
    }
  }

  @Test
  void aPlainCallInATunnelToAGuardedServiceIsSignedAllTheSame() throws Exception {
    // Given
    TestReplica replica = replica();
    // When
    try (Socket socket = new Socket(outbound.host(), outbound.port())) {
      OutputStream out = socket.getOutputStream();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      out.write(
          "CONNECT ledger.bank:80 HTTP/1.1\r\nHost: ledger.bank:80\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      String tunnel = in.readLine();
      while (!in.readLine().isEmpty()) {
        // The rest of the head.
      }
      out.write(
          "GET /v1/x HTTP/1.1\r\nHost: ledger.bank\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // Then
      assertThat(tunnel).startsWith("HTTP/1.1 200");
      assertThat(in.readLine()).startsWith("HTTP/1.1 200");
    }
    replica.close();
  }

  @Test
  void aReplyIsStreamedAsItComes() throws Exception {
    // Given
    TestReplica replica = replica();
    AtomicInteger released = new AtomicInteger();
    replica.app =
        request -> {
          request.response().setChunked(true).write("data: one\n\n");
          callees.setPeriodic(
              20,
              timer -> {
                if (released.get() == 1) {
                  callees.cancelTimer(timer);
                  request.response().end("data: two\n\n");
                }
              });
        };

    // When
    HttpResponse<InputStream> reply =
        app.send(request("/v1/stream").build(), BodyHandlers.ofInputStream());
    byte[] first = reply.body().readNBytes(11);
    released.set(1);

    // Then
    assertThat(new String(first, StandardCharsets.US_ASCII)).isEqualTo("data: one\n\n");
    assertThat(new String(reply.body().readAllBytes(), StandardCharsets.US_ASCII))
        .isEqualTo("data: two\n\n");
  }

  @Test
  void aReplyThatBreaksOffDoesNotLookWhole() throws Exception {
    // Given
    TestReplica replica = replica();
    replica.app =
        request ->
            request
                .response()
                .setChunked(true)
                .write("half")
                .onComplete(_ -> callees.setTimer(50, _ -> request.connection().close()));

    // Then
    assertThatThrownBy(() -> get("/v1/x")).isInstanceOf(java.io.IOException.class);
    replica.app = TestReplica::echo;
    assertThat(get("/v1/x").statusCode()).isEqualTo(200);
  }

  @Test
  void inAClusterTheReplicaMustProveWhichServiceItIs() throws Exception {
    // Given
    TestReplica replica = new TestReplica(callees, world);
    hosts.put(new Address("ledger.bank", 80), new Address("127.0.0.1", replica.port()));
    start(cluster());
    long now = world.time.moment().epochSeconds();

    // Then
    assertThat(get("/v1/x").body()).contains("showed no identity credential");
    replica.identity =
        world.identity(List.of("spiffe://cluster.local/ns/bank/svc/vault"), now - 30, now + 900);
    assertThat(get("/v1/x").body()).contains("does not name it");
    replica.identity = world.identity(List.of(World.LEDGER), now - 900, now - 1);
    assertThat(get("/v1/x").body()).contains("not valid now");
    replica.identity = new World().identity(List.of(World.LEDGER), now - 30, now + 900);
    assertThat(get("/v1/x").body()).contains("unusable identity credential");
    assertThat(replica.admitted).hasValue(0);
    replica.identity = world.identity(List.of(World.LEDGER), now - 30, now + 900);
    assertThat(get("/v1/x").statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNoGateGetsNoContract() throws Exception {
    // Given
    List<String> seen = new ArrayList<>();
    HttpServer bare =
        callees
            .createHttpServer()
            .requestHandler(
                request -> {
                  seen.add(request.uri());
                  request.response().setStatusCode(404).end();
                })
            .listen(0, "127.0.0.1")
            .await();
    hosts.put(new Address("ledger.bank", 80), new Address("127.0.0.1", bare.actualPort()));
    start(standalone(null));

    // When
    HttpResponse<String> reply = get("/v1/x");

    // Then
    assertThat(reply.statusCode()).isEqualTo(502);
    assertThat(reply.body()).contains("is no Writ gate");
    assertThat(seen).hasSize(1).allMatch(uri -> uri.startsWith("/.well-known/writ/challenge"));
  }

  @Test
  void whoSendsTooMuchGetsTheAnswerAndNoReset() throws Exception {
    // Given
    replica();
    byte[] body = new byte[3 << 20];
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket(outbound.host(), outbound.port())) {
        socket.setSoTimeout(10_000);
        // When all of it is sent before the answer is read
        String head =
            "POST http://ledger.bank/v1/x HTTP/1.1\r\nHost: ledger.bank\r\nContent-Length: "
                + body.length
                + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().write(body);
        // Then
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(answer).startsWith("HTTP/1.1 413").contains("body-too-large");
      }
    }
  }

  @Test
  void whatTheHelperRefusesSaysWhy() throws Exception {
    // Given
    TestReplica replica = replica();

    // Then
    assertThat(post("/v1/x", "x".repeat((1 << 20) + 1)).body()).contains("body-too-large");
    assertThat(
            app.send(
                    request("/v1/x").header("Capability-Contract", "mine").build(),
                    BodyHandlers.ofString())
                .body())
        .contains("malformed")
        .contains("Capability-Contract is for the helper to set");
    assertThat(raw("GET / HTTP/1.1", "Host: " + outbound, "", ""))
        .startsWith("HTTP/1.1 400")
        .contains("This is the helper itself");
    assertThat(raw("GET https://ledger.bank/ HTTP/1.1", "Host: a", "", ""))
        .startsWith("HTTP/1.1 400")
        .contains("CONNECT");
    replica.close();
    assertThat(get("/v1/x").statusCode()).isEqualTo(502);
  }

  @Test
  void contractsOfADirectoryAreReadAgain() throws Exception {
    // Given
    TestReplica replica = new TestReplica(callees, world);
    hosts.put(new Address("ledger.bank", 80), new Address("127.0.0.1", replica.port()));
    HeldContract contract = contracts.removeFirst();
    start(standalone(directory));
    assertThat(get("/v1/x").body()).contains("missing-contract");

    // When
    Files.writeString(directory.resolve("ledger.jws"), contract.jws() + "\n");
    Thread.sleep(2_000);

    // Then
    assertThat(get("/v1/x").statusCode()).isEqualTo(200);
    Files.writeString(directory.resolve("bad.jws"), "nonsense");
    Thread.sleep(2_000);
    assertThat(get("/v1/x").statusCode()).isEqualTo(200);
    assertThat(meters.get("writ_outbound_contracts_failures").counter().count()).isEqualTo(1);
  }

  @Test
  void onlyLoopbackIsListenedOn() {
    for (String host : List.of("0.0.0.0", "::", "10.0.0.1", "agent.plan")) {
      outbound = new Address(host, 15001);
      assertThatThrownBy(() -> start(standalone(null)))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("WRIT_OUTBOUND")
          .hasMessageContaining("loopback");
    }
  }

  private String raw(String... lines) throws Exception {
    try (Socket socket = new Socket(outbound.host(), outbound.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(String.join("\r\n", lines).getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
