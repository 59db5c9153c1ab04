package dev.writ.sidecar.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A small operator over HTTPS that speaks the Control API, keeps what it is sent, and fails on
 * request.
 */
final class TestOperator implements AutoCloseable {
  static final String POD_UID = "6f6ff6e5-63a5-4b40-9d1d-6a0c0a1f5b11";
  static final String WORKLOAD = "spiffe://cluster.local/ns/bank/sa/ledger";
  static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger";
  private static final char[] PASSWORD = "changeit".toCharArray();

  final PrivateKey issuer = PrivateKey.generate();
  final List<PublicKey> enrolled = new CopyOnWriteArrayList<>();
  final List<String> problems = new CopyOnWriteArrayList<>();
  final Map<String, List<String>> records = new ConcurrentHashMap<>();
  private final List<OutputStream> streams = new CopyOnWriteArrayList<>();
  private final Path tokenFile;
  private HttpsServer server;
  private ExecutorService threads;
  private int port;

  volatile long epoch = 100;
  volatile long applied;
  volatile long renewAfterSeconds = 600;
  volatile long revocationSeq = 1;
  volatile Set<String> revoked = Set.of();
  volatile List<String> contracts = List.of();
  volatile String identityServices = SERVICE;
  volatile int recordsStatus = 200;
  volatile int allowancesStatus = 200;

  /** Answers then end in their middle, and the connection stays open. */
  volatile boolean stalls;

  final List<AllowanceRequest> asked = new CopyOnWriteArrayList<>();

  private TestOperator(Path tokenFile) {
    this.tokenFile = tokenFile;
  }

  static TestOperator start(Path keystore, Path tokenFile) throws Exception {
    TestOperator operator = new TestOperator(tokenFile);
    operator.open(keystore);
    return operator;
  }

  /** Listens, on the same port as before if there was one. */
  void open(Path keystore) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keystore)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    port = server.getAddress().getPort();
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext("/v1/enrol", this::enrol);
    server.createContext("/v1/events", this::events);
    server.createContext("/v1/records", this::records);
    server.createContext("/v1/allowances", this::allowances);
    server.start();
  }

  URI uri() {
    return URI.create("https://localhost:" + port);
  }

  /** A key pair in a PKCS#12 file beside its certificate in PEM (same name, {@code .pem}). */
  static Path keystore(Path directory, String name, String alternativeNames) throws Exception {
    Path store = directory.resolve(name + ".p12");
    keytool(
        "-genkeypair",
        "-alias",
        "x",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-ext",
        "san=" + alternativeNames,
        "-keystore",
        store.toString());
    keytool(
        "-exportcert",
        "-alias",
        "x",
        "-rfc",
        "-keystore",
        store.toString(),
        "-file",
        directory.resolve(name + ".pem").toString());
    return store;
  }

  private static void keytool(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", new String(PASSWORD)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException("keytool: " + output);
    }
  }

  String trust() {
    return TrustBundle.of(List.of(issuer.publicKey())).toJson();
  }

  String revocations() {
    long now = Instant.now().getEpochSecond();
    return new RevocationList(
            "spiffe://cluster.local/writ",
            now,
            now + 300,
            revocationSeq,
            revoked,
            Set.of(),
            Set.of(),
            Map.of())
        .sign(issuer);
  }

  /** Says the current revocation list under the current epoch. */
  void sayRevocations() {
    say(
        "revocations",
        new JsonWriter()
            .beginObject()
            .member("epoch", epoch)
            .member("list", revocations())
            .endObject()
            .toString());
  }

  void sayRefresh() {
    say("refresh", new JsonWriter().beginObject().member("epoch", epoch).endObject().toString());
  }

  int streams() {
    return streams.size();
  }

  private void say(String event, String data) {
    for (OutputStream stream : List.copyOf(streams)) {
      try {
        stream.write(
            ("event: " + event + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        stream.flush();
      } catch (IOException e) {
        streams.remove(stream);
      }
    }
  }

  private boolean authorized(HttpExchange exchange) throws IOException {
    String token = Files.readString(tokenFile).strip();
    if (("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      return true;
    }
    answer(exchange, 401, "{\"detail\":\"The token is not the pod's.\"}");
    return false;
  }

  private void enrol(HttpExchange exchange) throws IOException {
    if (!authorized(exchange)) {
      return;
    }
    try {
      Answer request = Answer.parse("request", exchange.getRequestBody().readAllBytes());
      JsonValue jwk = request.value("jwk");
      PublicKey key = PublicKey.fromJwk(new JsonWriter().value(jwk).toString());
      String statement =
          "writ.dev/enrol:"
              + key.thumbprint()
              + ":"
              + Base64Url.encode(Digests.sha256(Files.readString(tokenFile).strip()));
      byte[] proof = Base64Url.decode(((JsonString) request.value("proof")).value());
      if (!Ed25519.bouncyCastle().verify(key, statement.getBytes(StandardCharsets.UTF_8), proof)) {
        problems.add("proof of possession does not verify");
      }
      String reply = enrolment(key);
      enrolled.add(key);
      answer(exchange, 200, reply);
    } catch (Exception e) {
      unusable(exchange, e);
    }
  }

  private String enrolment(PublicKey key) {
    long now = Instant.now().getEpochSecond();
    String identity =
        new IdentityCredential(
                "spiffe://cluster.local/writ",
                WORKLOAD,
                List.of(SERVICE),
                new IdentityCredential.Pod("bank", "ledger-0", POD_UID),
                now,
                now - 30,
                now + 900,
                key)
            .sign(issuer);
    return "{\"epoch\":"
        + epoch
        + ",\"workload\":\""
        + WORKLOAD
        + "\",\"identity\":\""
        + identity
        + "\",\"renewAfterSeconds\":"
        + renewAfterSeconds
        + ",\"contracts\":["
        + String.join(",", contracts.stream().map(one -> "\"" + one + "\"").toList())
        + "],\"services\":[{\"id\":\""
        + identityServices
        + "\",\"name\":\"ledger\",\"namespace\":\"bank\",\"ports\":[{\"port\":8080,\"protocol\":\"http\"}]}],\"trust\":"
        + trust()
        + ",\"revocations\":\""
        + revocations()
        + "\",\"later\":true}";
  }

  private void events(HttpExchange exchange) throws IOException {
    if (!authorized(exchange)) {
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    OutputStream stream = exchange.getResponseBody();
    stream.write(": hello\n\n".getBytes(StandardCharsets.UTF_8));
    stream.flush();
    streams.add(stream);
    sayRevocations();
  }

  private void records(HttpExchange exchange) throws IOException {
    if (!authorized(exchange)) {
      return;
    }
    if (recordsStatus != 200) {
      answer(exchange, recordsStatus, "{\"detail\":\"No room.\"}");
      return;
    }
    try {
      Answer request = Answer.parse("request", exchange.getRequestBody().readAllBytes());
      applied = Math.max(applied, request.number("applied"));
      List<String> stored =
          records.computeIfAbsent(request.text("boot"), _ -> new CopyOnWriteArrayList<>());
      boolean gap = false;
      for (JsonValue line : request.array("records")) {
        long seq = Answer.parse("record", ((JsonString) line).value()).number("seq");
        gap |= seq > stored.size() + 1;
        if (!gap && seq == stored.size() + 1) {
          stored.add(((JsonString) line).value());
        }
      }
      answer(exchange, gap ? 409 : 200, "{\"acked\":" + stored.size() + "}");
    } catch (Exception e) {
      unusable(exchange, e);
    }
  }

  /** Grants what is asked for, up to each item's limit. */
  private void allowances(HttpExchange exchange) throws IOException {
    if (!authorized(exchange)) {
      return;
    }
    if (allowancesStatus != 200) {
      answer(exchange, allowancesStatus, "{\"detail\":\"No ledger.\"}");
      return;
    }
    try {
      AllowanceRequest request = AllowanceRequest.parse(exchange.getRequestBody().readAllBytes());
      asked.add(request);
      List<String> closed =
          request.closing() == null
              ? List.of()
              : request.closing().settled().stream().map(AllowanceRequest.Settled::boot).toList();
      List<AllowanceAnswer.Item> items =
          request.items().stream()
              .map(
                  item ->
                      new AllowanceAnswer.Item(
                          item.path(),
                          Math.min(item.need(), item.limit()),
                          item.spent() >= item.limit(),
                          item.limit(),
                          0))
              .toList();
      answer(exchange, 200, new AllowanceAnswer(items, List.of(), closed).json());
    } catch (Exception e) {
      unusable(exchange, e);
    }
  }

  private void unusable(HttpExchange exchange, Exception e) throws IOException {
    if (e instanceof IOException gone) {
      // Who asked was killed meanwhile.
      throw gone;
    }
    problems.add(e.toString());
    answer(exchange, 400, "{}");
  }

  private void answer(HttpExchange exchange, int status, String json) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    if (stalls) {
      exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
      exchange.getResponseBody().flush();
      return;
    }
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Ends all event streams. */
  void dropStreams() {
    for (OutputStream stream : List.copyOf(streams)) {
      streams.remove(stream);
      try {
        stream.close();
      } catch (IOException e) {
        problems.add(e.toString());
      }
    }
  }

  @Override
  public void close() {
    streams.clear();
    server.stop(0);
    threads.shutdownNow();
  }
}
