import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The same request through nginx, through Writ's pipe without a gate, and through the gate with a
 * proof of its own for each request, interleaved (performance.md). Started by {@code bench/run}.
 */
final class Bench {
  private static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger";
  private static final byte[] BODY =
      "{\"amount\":10,\"currency\":\"EUR\"}".getBytes(StandardCharsets.UTF_8);
  private static final String TARGET = "/v1/transfers";
  private static final int SEQS = 4_096;
  private static final int[] CONNECTIONS = {1, 16, 64};

  private final String java;
  private final Path root;
  private final int seconds;
  private final int rounds;
  private final int warm;
  private final Path work = Files.createTempDirectory("writ-bench");
  private final List<Process> children = new ArrayList<>();
  private final PrivateKey issuer = PrivateKey.generate();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, List<Cell>> cells = new LinkedHashMap<>();
  private long errors;

  /** One measurement: requests per second, median latency and CPU per request in microseconds. */
  private record Cell(double perSecond, double p50, double cpu) {}

  /**
   * Something to measure.
   *
   * @param limits of the contracts that it is called under; null for calls without one
   */
  private record Target(String name, String log, int port, Process process, Limits limits) {}

  private Bench(String java, Path root, int seconds, int rounds, int warm) throws IOException {
    this.java = java;
    this.root = root;
    this.seconds = seconds;
    this.rounds = rounds;
    this.warm = warm;
  }

  public static void main(String[] args) throws Exception {
    Bench bench =
        new Bench(
            args[0],
            Path.of(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]));
    Runtime.getRuntime().addShutdownHook(new Thread(bench::stop));
    bench.run();
    if (bench.errors > 0) {
      System.err.println("bench: " + bench.errors + " answers were not 2xx or did not come");
      System.exit(1);
    }
  }

  private void run() throws Exception {
    int app = free();
    nginx("app", "listen 127.0.0.1:" + app + "; location / { return 200 'ok'; }", "");
    int proxy = free();
    Process nginx =
        nginx(
            "proxy",
            "listen 127.0.0.1:"
                + proxy
                + "; location / { proxy_pass http://app; proxy_http_version 1.1;"
                + " proxy_set_header Connection \"\"; }",
            "upstream app { server 127.0.0.1:" + app + "; keepalive 256; }");
    int pipe = free();
    Process plain =
        start(
            "pipe",
            Map.of(),
            java,
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-Xss256k",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            root.resolve("sidecar/target/sidecar.jar")
                + ":"
                + root.resolve("sidecar/target/test-classes"),
            "dev.writ.sidecar.gate.PlainPipe",
            "127.0.0.1:" + pipe,
            "127.0.0.1:" + app);
    int gate = free();
    Process enforcing = gate(gate, app);
    List<Target> targets =
        List.of(
            new Target("nginx", "proxy", proxy, nginx, null),
            new Target("pipe", "pipe", pipe, plain, null),
            new Target("uncounted", "gate", gate, enforcing, Limits.NONE),
            new Target("gate", "gate", gate, enforcing, new Limits(1_000_000_000L, null, null)));
    for (Target target : targets) {
      await(target);
    }
    System.out.printf(
        "machine: %d processors, %s; %d s a cell, %d rounds%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.runtime.version"),
        seconds,
        rounds);
    System.out.printf("idle RSS: gate %d MB, pipe %d MB%n", rss(enforcing), rss(plain));
    for (Target target : targets) {
      measure(target, 16, warm);
    }
    for (int round = 0; round < rounds; round++) {
      for (int connections : CONNECTIONS) {
        for (Target target : targets) {
          Cell cell = measure(target, connections, seconds);
          cells.computeIfAbsent(target.name + connections, _ -> new ArrayList<>()).add(cell);
        }
      }
    }
    report();
    System.out.printf("loaded RSS: gate %d MB, pipe %d MB%n", rss(enforcing), rss(plain));
  }

  private void report() {
    System.out.printf(
        "%-12s %22s %22s %22s%n",
        "connections", "nginx req/s, p50 us", "pipe req/s, p50 us", "gate req/s, p50 us");
    for (int connections : CONNECTIONS) {
      System.out.printf("%-12d", connections);
      for (String name : List.of("nginx", "pipe", "gate")) {
        List<Cell> of = cells.get(name + connections);
        System.out.printf(
            " %14.0f %7.0f",
            median(of.stream().map(Cell::perSecond).toList()),
            median(of.stream().map(Cell::p50).toList()));
      }
      System.out.println();
    }
    System.out.printf(
        "%-12s %14s %14s %22s %24s%n",
        "connections",
        "gate / pipe",
        "gate / nginx",
        "p50 added over pipe us",
        "CPU added over pipe us");
    for (int connections : CONNECTIONS) {
      List<Cell> gate = cells.get("gate" + connections);
      List<Cell> pipe = cells.get("pipe" + connections);
      List<Cell> nginx = cells.get("nginx" + connections);
      System.out.printf(
          "%-12d %14.2f %14.2f %22.0f %24.0f%n",
          connections,
          median(pairs(rounds, i -> gate.get(i).perSecond / pipe.get(i).perSecond)),
          median(pairs(rounds, i -> gate.get(i).perSecond / nginx.get(i).perSecond)),
          median(pairs(rounds, i -> gate.get(i).p50 - pipe.get(i).p50)),
          median(pairs(rounds, i -> gate.get(i).cpu - pipe.get(i).cpu)));
    }
    System.out.printf(
        "%-12s %32s %32s%n",
        "connections", "counted / uncounted, req/s", "counted / uncounted, p50");
    for (int connections : CONNECTIONS) {
      List<Cell> gate = cells.get("gate" + connections);
      List<Cell> uncounted = cells.get("uncounted" + connections);
      System.out.printf(
          "%-12d %32.3f %32.3f%n",
          connections,
          median(pairs(rounds, i -> gate.get(i).perSecond / uncounted.get(i).perSecond)),
          median(pairs(rounds, i -> gate.get(i).p50 / uncounted.get(i).p50)));
    }
  }

  private static List<Double> pairs(int rounds, java.util.function.IntFunction<Double> of) {
    return IntStream.range(0, rounds).mapToObj(of).toList();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
    return sorted.get(sorted.size() / 2);
  }

  private Cell measure(Target target, int connections, int forSeconds) throws Exception {
    boolean signed = target.limits != null;
    Path requests = work.resolve("requests");
    int count = signed ? Math.max(2_000, forSeconds * rate(connections)) : 1;
    write(requests, signed ? sign(target, count) : List.of(plain(target.port)));
    double cpuBefore = cpuSeconds(target.process);
    Process wrk =
        new ProcessBuilder(
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + forSeconds + "s",
                "-s",
                root.resolve("bench/wrk.lua").toString(),
                "http://127.0.0.1:" + target.port,
                "--",
                requests.toString())
            .redirectErrorStream(true)
            .start();
    String out = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    wrk.waitFor();
    double cpu = cpuSeconds(target.process) - cpuBefore;
    String line =
        out.lines()
            .filter(l -> l.startsWith("RESULT"))
            .findFirst()
            .orElseThrow(() -> new IOException("wrk said: " + out));
    long[] n = Arrays.stream(line.substring(7).split(" ")).mapToLong(Long::parseLong).toArray();
    if (n[2] + n[3] > 0) {
      System.err.println(
          target.name
              + " at "
              + connections
              + " connections: "
              + n[2]
              + " refused, "
              + n[3]
              + " broken of "
              + n[0]);
      errors += n[2] + n[3];
    }
    double perSecond = n[0] * 1e6 / n[1];
    fastest.merge(connections, (int) (perSecond * 1.6), Math::max);
    return new Cell(perSecond, n[4], cpu * 1e6 / Math.max(1, n[0]));
  }

  // Enough proofs for the fastest gate seen with that many connections, nginx's rate at first.
  private final Map<Integer, Integer> fastest = new LinkedHashMap<>();

  private int rate(int connections) {
    return Math.min(25_000, fastest.getOrDefault(connections, 12_000));
  }

  private byte[] plain(int port) {
    return head(port, List.of());
  }

  /**
   * A proof for each request: holder keys, contracts and challenges of their own for each 4,096.
   */
  private List<byte[]> sign(Target target, int count) throws Exception {
    int port = target.port;
    int blocks = (count + SEQS - 1) / SEQS;
    List<PrivateKey> holders = new ArrayList<>();
    List<String> contracts = new ArrayList<>();
    List<String> challenges = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      if (i % 8 == 0) {
        holders.add(PrivateKey.generate());
        contracts.add(contract(holders.getLast(), target.limits));
      }
      challenges.add(challenge(port, holders.getLast().publicKey().thumbprint()));
    }
    // As far ahead as a proof may be, so that it is still good when the run ends.
    long created = Instant.now().getEpochSecond() + 25;
    return IntStream.range(0, count)
        .parallel()
        .mapToObj(
            i -> {
              int block = i / SEQS;
              List<Field> covered =
                  List.of(
                      new Field(Names.HEADER_CONTRACT, contracts.get(block / 8)),
                      new Field("Content-Type", "application/json"));
              List<Field> fields = new ArrayList<>(covered.subList(0, 1));
              fields.addAll(
                  RequestSigner.sign(
                      holders.get(block / 8),
                      "POST",
                      TARGET,
                      covered,
                      BODY,
                      challenges.get(block) + "." + (i % SEQS + 1),
                      created));
              return head(port, fields);
            })
        .toList();
  }

  private static byte[] head(int port, List<Field> fields) {
    StringBuilder head =
        new StringBuilder(
            "POST "
                + TARGET
                + " HTTP/1.1\r\nHost: 127.0.0.1:"
                + port
                + "\r\nContent-Type: application/json\r\nContent-Length: "
                + BODY.length
                + "\r\n");
    fields.forEach(
        field -> head.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    head.append("\r\n");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(BODY);
    return bytes.toByteArray();
  }

  private String contract(PrivateKey holder, Limits limits) throws Exception {
    String rule =
        "{\"action\":\"transfer\",\"http\":{\"methods\":[\"POST\"],\"paths\":[{\"type\":\"Exact\",\"value\":\""
            + TARGET
            + "\"}]},\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}";
    long now = Instant.now().getEpochSecond();
    return new RootContract(
            SpiffeId.issuer("cluster.local"),
            "spiffe://cluster.local/ns/plan/sa/billing",
            SERVICE,
            now,
            now - 30,
            now + 900,
            UUID.randomUUID().toString(),
            UUID.randomUUID().toString(),
            1,
            holder.publicKey(),
            0,
            List.of(),
            List.of("transfer"),
            List.of(Rule.read("rule", StrictJson.body(rule.getBytes(StandardCharsets.UTF_8)))),
            limits,
            true,
            false,
            false)
        .sign(issuer);
  }

  private String challenge(int port, String jkt) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + Names.CHALLENGE_PATH + "?jkt=" + jkt))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer
        .headers()
        .firstValue(Names.HEADER_NONCE)
        .orElseThrow(() -> new IOException("no challenge: " + answer.body()));
  }

  private static void write(Path file, List<byte[]> requests) throws IOException {
    try (OutputStream out =
        new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      for (byte[] request : requests) {
        out.write((request.length + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(request);
      }
    }
  }

  private Process gate(int port, int app) throws IOException {
    Path trust =
        Files.writeString(
            work.resolve("trust.json"), TrustBundle.of(List.of(issuer.publicKey())).toJson());
    Map<String, String> env = new LinkedHashMap<>();
    env.put("WRIT_MODE", "standalone");
    env.put("WRIT_SERVICES", SERVICE);
    env.put("WRIT_LISTEN", "127.0.0.1:" + port);
    env.put("WRIT_UPSTREAM", "127.0.0.1:" + app);
    env.put("WRIT_TRUST_FILE", trust.toString());
    env.put("WRIT_STATE_DIR", Files.createDirectories(work.resolve("state")).toString());
    env.put("WRIT_ADMIN", "127.0.0.1:" + free());
    return start(
        "gate",
        env,
        java,
        "-XX:+UseSerialGC",
        "-Xmx64m",
        "-Xss256k",
        "-jar",
        root.resolve("sidecar/target/sidecar.jar").toString());
  }

  private Process nginx(String name, String server, String http) throws IOException {
    Path prefix = Files.createDirectories(work.resolve(name));
    Path conf = prefix.resolve("nginx.conf");
    Files.writeString(
        conf,
        "worker_processes 1; daemon off; pid nginx.pid; error_log error.log; events {"
            + " worker_connections 1024; }\n"
            + "http { access_log off; keepalive_requests 100000000; client_body_temp_path b;"
            + " proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s; "
            + http
            + " server { "
            + server
            + " } }\n");
    return start(name, Map.of(), "nginx", "-p", prefix.toString(), "-c", conf.toString());
  }

  private Process start(String name, Map<String, String> env, String... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve(name + ".log").toFile());
    // What is set for others' tests is not for the gate: it refuses what it does not know.
    builder.environment().keySet().removeIf(variable -> variable.startsWith("WRIT_"));
    builder.environment().putAll(env);
    Process process = builder.start();
    children.add(process);
    return process;
  }

  private void await(Target target) throws Exception {
    Instant end = Instant.now().plus(Duration.ofSeconds(30));
    while (true) {
      try (var socket = new java.net.Socket("127.0.0.1", target.port)) {
        return;
      } catch (IOException e) {
        if (!target.process.isAlive() || Instant.now().isAfter(end)) {
          throw new IOException(
              target.name
                  + " does not listen:\n"
                  + Files.readString(work.resolve(target.log + ".log")),
              e);
        }
        Thread.sleep(50);
      }
    }
  }

  /** CPU of the process and its children, seconds (proc(5), stat: utime and stime). */
  private static double cpuSeconds(Process process) throws IOException {
    double ticks = ticks(process.toHandle());
    for (ProcessHandle child : process.descendants().toList()) {
      ticks += ticks(child);
    }
    return ticks / 100;
  }

  private static double ticks(ProcessHandle handle) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + handle.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
  }

  private static long rss(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .sum();
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void stop() {
    children.forEach(child -> child.descendants().forEach(ProcessHandle::destroy));
    children.forEach(Process::destroy);
    for (Process child : children) {
      try {
        child.waitFor(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    try (var files = Files.walk(work)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      System.err.println("bench: couldn't remove " + work + ": " + e.getMessage());
    }
  }
}
