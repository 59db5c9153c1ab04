package dev.writ.sidecar.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.FixedReplica;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Moment;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Address;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Leaving;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.capture.Capture;
import dev.writ.sidecar.capture.CaptureSettings;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Block;
import dev.writ.sidecar.count.Counter;
import dev.writ.sidecar.crypto.NativeEd25519;
import dev.writ.sidecar.flow.Memory;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.journal.Retention;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Contexts;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every request of the wire vectors as bytes on a socket, through the whole gate: framing guard,
 * HTTP parser, verifier, and the app behind it, which sees those that are allowed and nothing else.
 * {@code -Dwrit.vectors=DIR} runs another set.
 */
final class VectorsIT {
  private static final Path VECTORS =
      Path.of(System.getProperty("writ.vectors", "../contract/src/main/resources/vectors"));
  private static final Pattern GRPC = Pattern.compile("grpc-message: ([a-z-]+): ");
  private static final Pattern CODE = Pattern.compile("\"code\":\"([a-z-]+)\"");
  private static final Set<String> GIVEN =
      Set.of(
          "capability-subject",
          "capability-chain",
          "capability-action",
          "capability-id",
          "capability-context");

  /** What smuggles with lenient parsers. */
  private static final List<String> LINES =
      List.of(
          "Content-Length: 0\r\n",
          "Content-Length: 7\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding : chunked\r\n",
          "Transfer-Encoding:\tchunked\r\n",
          "Connection: capability-contract\r\n",
          "Connection: close\r\n",
          "Upgrade: h2c\r\n",
          "X-HTTP-Method-Override: DELETE\r\n",
          "X-Original-URL: /admin\r\n",
          "Capability-Subject: admin\r\n",
          "Capability_Subject: admin\r\n",
          " folded\r\n",
          "Expect: 100-continue\r\n",
          "\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n");

  @TempDir private Path directory;
  private HttpServer app;
  private Journal journal;
  private final Vertx vertx = Vertx.vertx();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();

  private record Seen(String line, Map<String, String> headers, Buffer body) {}

  private record Reply(int status, String text) {
    String outcome() {
      Matcher grpc = GRPC.matcher(text);
      if (grpc.find()) {
        return grpc.group(1);
      }
      Matcher matcher = CODE.matcher(text);
      if (matcher.find()) {
        return matcher.group(1);
      }
      return switch (status) {
        case 200 -> "allow";
        // What the guard or the parser refuses is a bare answer.
        case 400 -> "malformed";
        case 431 -> "contract-too-large";
        default -> "status " + status;
      };
    }
  }

  @BeforeEach
  void start() throws Exception {
    app =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> remember(request, body)))
            .listen(0, "127.0.0.1")
            .await();
    journal =
        Journal.open(directory.resolve("journal"), "00000000000000aa", Retention.standalone());
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await();
    journal.close();
  }

  private void remember(HttpServerRequest request, Buffer body) {
    Map<String, String> headers = new TreeMap<>();
    for (Map.Entry<String, String> header : request.headers()) {
      headers.merge(
          header.getKey().toLowerCase(Locale.ROOT), header.getValue(), (a, b) -> a + "\n" + b);
    }
    String line = request.method().name() + " " + request.uri();
    seen.add(new Seen(line, headers, body));
    request.response().end();
  }

  @Test
  void everyRequestOfTheVectorsHasItsOutcomeOnTheWire() throws Exception {
    List<String> wrong = new ArrayList<>();
    int run = 0;
    for (JsonObject vector : vectors()) {
      JsonObject input = object(vector, "input");
      String kind = text(input, "kind");
      if (!kind.equals("request") && !kind.equals("head")) {
        continue;
      }
      // When
      seen.clear();
      boolean toHead = kind.equals("request") && text(input, "method").equals("HEAD");
      Reply reply = send(vector, kind.equals("head") ? raw(input) : request(input), toHead, 30_000);
      // Then
      run++;
      String problem = problem(vector, input, reply);
      if (problem != null) {
        wrong.add(text(vector, "name") + ": " + problem);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(run).isGreaterThan(400);
  }

  /** Whatever a byte more or less makes of it: the app sees what was signed, or nothing. */
  @Test
  void noMutatedByteMakesTheAppSeeAnotherRequest() throws Exception {
    // Given
    List<JsonObject> good =
        vectors().stream()
            .filter(vector -> text(object(vector, "input"), "kind").equals("request"))
            .filter(vector -> text(object(vector, "expect"), "outcome").equals("allow"))
            .toList();
    long seed = Long.getLong("writ.seed", 20_261_125L);
    Random random = new Random(seed);
    int passed = 0;
    for (int i = 0; i < Integer.getInteger("writ.fuzz", 250); i++) {
      JsonObject vector = good.get(random.nextInt(good.size()));
      JsonObject input = object(vector, "input");
      byte[] mutated = mutate(random, request(input));
      // When
      seen.clear();
      send(vector, mutated, false, 400);
      // Then
      String what = "input " + i + " of seed " + seed + ": " + new String(mutated, ISO_8859_1);
      assertThat(seen.size()).as(what).isLessThanOrEqualTo(1);
      for (Seen one : seen) {
        passed++;
        assertThat(one.line())
            .as(what)
            .isEqualTo(text(input, "method") + " " + text(input, "target"));
        assertThat(one.body().getBytes())
            .as(what)
            .isEqualTo(Base64.getDecoder().decode(text(input, "body")));
      }
    }
    assertThat(passed).as("some mutations change nothing that is covered").isPositive();
  }

  private static byte[] mutate(Random random, byte[] request) {
    String text = new String(request, ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    int at = random.nextInt(head + 4);
    String special = "\r\n\t \0\u000b,;:/%\"=\u0085\u00a0.?#@_-";
    char one = special.charAt(random.nextInt(special.length()));
    String line = LINES.get(random.nextInt(LINES.size()));
    int start = text.lastIndexOf("\r\n", at) + 2;
    int end = text.indexOf("\r\n", Math.min(at, head)) + 2;
    String mutated =
        switch (random.nextInt(8)) {
          case 0 -> text.substring(0, at) + text.substring(at + 1);
          case 1 -> text.substring(0, at) + one + text.substring(at);
          case 2 -> text.substring(0, at) + one + text.substring(at + 1);
          case 3 ->
              text.substring(0, at)
                  + (char) (text.charAt(at) ^ 1 << random.nextInt(8))
                  + text.substring(at + 1);
          case 4 -> text.substring(0, end) + text.substring(Math.min(start, end));
          case 5 -> text.substring(0, head + 2) + line + text.substring(head + 2);
          case 6 -> text.replaceFirst("\r\n", "\r\n" + Matcher.quoteReplacement(line));
          default -> text + line + "\r\n";
        };
    return mutated.getBytes(ISO_8859_1);
  }

  private String problem(JsonObject vector, JsonObject input, Reply reply) {
    JsonObject expect = object(vector, "expect");
    List<String> lawful = new ArrayList<>(List.of(text(expect, "outcome")));
    if (expect.get("alsoAllowed") instanceof JsonArray also) {
      also.items().forEach(item -> lawful.add(((JsonString) item).value()));
    }
    if (!lawful.contains(reply.outcome())) {
      return "got " + reply.outcome() + " (" + reply.status() + "), due " + lawful;
    }
    if (!reply.outcome().equals("allow")) {
      return seen.isEmpty() ? null : "refused, and the app saw it";
    }
    if (seen.size() != 1) {
      return "allowed, and the app saw " + seen.size();
    }
    Map<String, String> headers = seen.getFirst().headers();
    for (Map.Entry<String, String> pair :
        Map.of("subject", "capability-subject", "action", "capability-action").entrySet()) {
      if (expect.get(pair.getKey()) instanceof JsonString due
          && !due.value().equals(headers.get(pair.getValue()))) {
        return pair.getValue() + " is " + headers.get(pair.getValue());
      }
    }
    for (String name : headers.keySet()) {
      if (name.replace('_', '-').startsWith("capability-") && !GIVEN.contains(name)) {
        return "the app saw " + name;
      }
    }
    byte[] body = Base64.getDecoder().decode(text(input, "body"));
    return java.util.Arrays.equals(body, seen.getFirst().body().getBytes()) ? null : "another body";
  }

  private static List<JsonObject> vectors() throws Exception {
    List<JsonObject> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(VECTORS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        JsonArray array = (JsonArray) StrictJson.body(Files.readAllBytes(file));
        array.items().forEach(item -> all.add((JsonObject) item));
      }
    }
    return all;
  }

  private Reply send(JsonObject vector, byte[] request, boolean toHead, int patienceMillis)
      throws Exception {
    int port = port();
    GateParts parts = parts(vector, port, app.actualPort());
    String id =
        vertx
            .deployVerticle(
                new GateVerticle(parts, GateShared.of(parts, Memory.of(4 << 20, 2 << 20, 1))))
            .await();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(patienceMillis);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return read(socket, toHead);
    } catch (SocketTimeoutException | SocketException e) {
      // An unfinished request is waited for, a broken one may be hung up on.
      return new Reply(0, "");
    } finally {
      vertx.undeploy(id).await();
    }
  }

  private int port() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static byte[] raw(JsonObject input) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(Base64.getDecoder().decode(text(input, "head")));
    all.writeBytes(Base64.getDecoder().decode(text(input, "body")));
    return all.toByteArray();
  }

  private static byte[] request(JsonObject input) {
    byte[] body = Base64.getDecoder().decode(text(input, "body"));
    StringBuilder head =
        new StringBuilder(text(input, "method") + " " + text(input, "target") + " HTTP/1.1\r\n");
    boolean length = false;
    boolean chunked = false;
    for (JsonValue item : ((JsonArray) input.get("headers")).items()) {
      List<JsonValue> pair = ((JsonArray) item).items();
      String name = ((JsonString) pair.get(0)).value();
      head.append(name).append(": ").append(((JsonString) pair.get(1)).value()).append("\r\n");
      length |= name.equalsIgnoreCase("content-length");
      chunked |= name.equalsIgnoreCase("transfer-encoding");
    }
    if (!length && !chunked && body.length > 0) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
    if (chunked && !length) {
      all.writeBytes((Integer.toHexString(body.length) + "\r\n").getBytes(ISO_8859_1));
      all.writeBytes(body);
      all.writeBytes((body.length == 0 ? "\r\n" : "\r\n0\r\n\r\n").getBytes(ISO_8859_1));
    } else {
      all.writeBytes(body);
    }
    return all.toByteArray();
  }

  private static Reply read(Socket socket, boolean toHead) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int length = -1;
    while (true) {
      String text = bytes.toString(ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (text.startsWith("HTTP/1.1 100") && end >= 0) {
        bytes.reset();
        continue;
      }
      if (end >= 0 && length < 0) {
        Matcher matcher =
            Pattern.compile("(?i)content-length: *(\\d+)").matcher(text.substring(0, end));
        length = toHead ? 0 : matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
      }
      if (end >= 0 && bytes.size() >= end + 4 + length) {
        return new Reply(Integer.parseInt(text.substring(9, 12)), text);
      }
      int next = socket.getInputStream().read();
      if (next < 0) {
        return new Reply(0, text);
      }
      bytes.write(next);
    }
  }

  private GateParts parts(JsonObject vector, int port, int upstream) throws Exception {
    JsonObject replica = object(vector, "replica");
    Moment now = new Moment(number(vector, "now"), number(replica, "monoMs"));
    long watermark = Long.parseUnsignedLong(text(replica, "watermark"));
    Challenges challenges =
        FixedReplica.challenges(
            Long.parseUnsignedLong(text(replica, "boot"), 16),
            HexFormat.of().parseHex(text(replica, "secret")),
            now,
            watermark == 0 ? -1 : watermark);
    TrustBundle trust =
        TrustBundle.parse(new JsonWriter().value(object(vector, "trust")).toString());
    Verifier verifier = new Verifier(NativeEd25519.best(), challenges, 1 << 20);
    verifier.trust(trust);
    Protocol protocol = Protocol.valueOf(text(vector, "protocol").toUpperCase(Locale.ROOT));
    Snapshot snapshot =
        new Snapshot(
            0,
            trust,
            revocations(vector),
            null,
            List.of(),
            List.of(new Listener(Set.of(text(vector, "service")), protocol)));
    Configuration configuration =
        new Configuration(
            new Configuration.Standalone(List.of(), List.of(), directory, null, null, null, null),
            List.of(
                new Configuration.Guard(
                    new Address("127.0.0.1", port), new Address("127.0.0.1", upstream), port)),
            Configuration.Enforcement.ENFORCE,
            Configuration.Deputy.CALLER_FIRST,
            1 << 20,
            Configuration.Answers.DEFAULT,
            directory,
            "cluster.local",
            null,
            null,
            Map.of(),
            CaptureSettings.NONE);
    return new GateParts(
        configuration,
        new StandingTime(now),
        new SidecarState(snapshot),
        verifier,
        challenges,
        new Unlimited(),
        journal,
        new SimpleMeterRegistry(),
        new Works(new Contexts(new SecureRandom()), 16, 1_000),
        null,
        "standalone",
        new Capture(CaptureSettings.NONE, false, List::of, directory),
        Leaving.of(directory));
  }

  private static Revocations revocations(JsonObject vector) throws Exception {
    if (!(vector.get("revocations") instanceof JsonString jws)) {
      return new Revocations.Unconfigured();
    }
    RevocationList list = RevocationList.unverified(jws.value());
    return text(vector, "mode").equals("cluster")
        ? Revocations.cluster(list)
        : Revocations.standalone(list);
  }

  private static JsonObject object(JsonObject of, String name) {
    return (JsonObject) java.util.Objects.requireNonNull(of.get(name), name);
  }

  private static String text(JsonObject of, String name) {
    return ((JsonString) java.util.Objects.requireNonNull(of.get(name), name)).value();
  }

  private static long number(JsonObject of, String name) {
    return ((JsonNumber) java.util.Objects.requireNonNull(of.get(name), name))
        .value()
        .longValueExact();
  }

  /** Vectors end before step 12. */
  private static final class Unlimited implements Counter {
    @Override
    public Admission spend(List<Block> blocks, long epochSeconds) {
      return new Admission.Admitted(List.of(), () -> {});
    }

    @Override
    public boolean later(Runnable task) {
      return false;
    }
  }

  /** The vector's moment; only what measures goes on. */
  private record StandingTime(Moment moment) implements Time {
    @Override
    public long epochMillis() {
      return moment.epochSeconds() * 1_000;
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }
  }
}
