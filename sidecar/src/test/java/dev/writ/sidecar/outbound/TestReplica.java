package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.Problem;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.verify.BodyResult;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Proven;
import dev.writ.contract.verify.Refusal;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A replica of the ledger: the protocol's own verifier before a small app. Faults on request. */
final class TestReplica implements AutoCloseable {
  final AtomicInteger admitted = new AtomicInteger();
  final AtomicInteger challenges = new AtomicInteger();
  final Map<ErrorCode, AtomicInteger> refused = new ConcurrentHashMap<>();
  volatile @Nullable String identity;

  /**
   * Connections to close without a word: before the call is looked at, or after it was admitted.
   */
  final AtomicInteger dropBefore = new AtomicInteger();

  final AtomicInteger dropAfter = new AtomicInteger();

  /** Whether answers to calls ask to connect anew. */
  volatile boolean leaving;

  volatile Protocol protocol = Protocol.HTTP;
  volatile Consumer<HttpServerRequest> app = TestReplica::echo;
  private final Vertx vertx;
  private final World world;
  private volatile Verifier verifier;
  private volatile Challenges minter;
  private HttpServer server;
  private int port;

  TestReplica(Vertx vertx, World world) {
    this.vertx = vertx;
    this.world = world;
    start();
  }

  /** Listens, on the former port if there was one, with a new boot. */
  void start() {
    rekey();
    server =
        vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1").await();
    port = server.actualPort();
  }

  /** A new boot id without a restart: connections stay open. */
  void rekey() {
    Challenges fresh = new Challenges(new SecureRandom(), world.time.moment(), 100);
    Verifier next = new Verifier(Ed25519.bouncyCastle(), fresh, 1 << 20);
    next.trust(world.trust);
    minter = fresh;
    verifier = next;
  }

  int port() {
    return port;
  }

  int refused(ErrorCode code) {
    return refused.getOrDefault(code, new AtomicInteger()).get();
  }

  private void handle(HttpServerRequest request) {
    if (request.path().equals(Names.CHALLENGE_PATH)) {
      challenges.incrementAndGet();
      JsonWriter json = new JsonWriter().beginObject().name("identity");
      String credential = identity;
      String body =
          (credential == null ? json.nullValue() : json.value(credential)).endObject().toString();
      nonce(request.response(), request.getParam("jkt")).end(body);
      return;
    }
    if (dropBefore.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      request.connection().close();
      return;
    }
    List<Field> fields = new ArrayList<>();
    request.headers().forEach(field -> fields.add(new Field(field.getKey(), field.getValue())));
    if (request.version() == HttpVersion.HTTP_2) {
      fields.add(new Field("host", String.valueOf(request.authority())));
    }
    RequestHead head = new RequestHead(request.method().name(), request.uri(), fields);
    Verifier now = verifier;
    switch (now.head(
        head,
        new Listener(Set.of(World.LEDGER), protocol),
        new Revocations.Unconfigured(),
        world.time.moment())) {
      // Of a stream there is no end to wait for.
      case Refusal refusal when protocol == Protocol.GRPC -> refuse(request, refusal);
      case Refusal refusal -> request.body().onSuccess(_ -> refuse(request, refusal));
      case Proven proven when proven.isOpening() -> judged(request, now, now.opening(proven));
      case Proven proven ->
          request.body().onSuccess(body -> judged(request, now, now.body(proven, body.getBytes())));
    }
  }

  private void judged(HttpServerRequest request, Verifier now, BodyResult result) {
    switch (result) {
      case Refusal refusal -> refuse(request, refusal);
      case Granted granted -> {
        Refusal late = now.spend(granted, world.time.moment());
        if (late != null) {
          refuse(request, late);
          return;
        }
        admitted.incrementAndGet();
        if (dropAfter.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          request.connection().close();
          return;
        }
        if (granted.renewNonce(world.time.moment())) {
          nonce(request.response(), granted.chain().holder().thumbprint());
        }
        if (leaving) {
          request.response().putHeader("Connection", "close");
        }
        app.accept(request);
      }
    }
  }

  private void refuse(HttpServerRequest request, Refusal refusal) {
    refused.computeIfAbsent(refusal.code(), _ -> new AtomicInteger()).incrementAndGet();
    HttpServerResponse response = request.response().setStatusCode(refusal.code().status());
    if (refusal.code().status() == 401) {
      response.putHeader("WWW-Authenticate", "Capability error=\"" + refusal.code().code() + "\"");
    }
    if (refusal.challengeFor() != null) {
      nonce(response, refusal.challengeFor());
    }
    response
        .putHeader("Content-Type", "application/problem+json")
        .end(Problem.of(refusal.code()).json());
  }

  private HttpServerResponse nonce(HttpServerResponse response, String jkt) {
    try {
      return response.putHeader(Names.HEADER_NONCE, minter.mint(jkt, world.time.moment()));
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Says what the app saw. */
  static void echo(HttpServerRequest request) {
    Buffer seen = Buffer.buffer(request.method() + " " + request.uri() + "\n");
    request
        .headers()
        .forEach(field -> seen.appendString(field.getKey() + ": " + field.getValue() + "\n"));
    request.response().putHeader("Capability-Receipt", "boot.1").end(seen);
  }

  /** Ends as a killed process does: all connections closed. */
  @Override
  public void close() {
    server.close().await();
  }
}
