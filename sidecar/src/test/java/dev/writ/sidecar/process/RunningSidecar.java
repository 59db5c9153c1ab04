package dev.writ.sidecar.process;

import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** The real process, standalone. */
final class RunningSidecar {
  static final long PATIENCE_SECONDS = 60;

  final Path directory;
  final Map<String, String> environment = new TreeMap<>();
  final int port = freePort();
  final int admin = freePort();
  private final Path log;
  private Process process;

  /** Nothing is started yet: change the environment, then {@link #start}. */
  RunningSidecar(Path directory, Issuer issuer, int upstream) throws IOException {
    this.directory = directory;
    this.log = directory.resolve("sidecar.log");
    Files.writeString(directory.resolve("trust.json"), issuer.jwks());
    environment.put("WRIT_MODE", "standalone");
    environment.put("WRIT_SERVICES", Issuer.SERVICE);
    environment.put("WRIT_LISTEN", "127.0.0.1:" + port);
    environment.put("WRIT_UPSTREAM", "127.0.0.1:" + upstream);
    environment.put("WRIT_TRUST_FILE", directory.resolve("trust.json").toString());
    environment.put("WRIT_STATE_DIR", state().toString());
    environment.put("WRIT_ADMIN", "127.0.0.1:" + admin);
  }

  /**
   * A helper and nothing else; not started yet.
   *
   * @param home exists and is empty: gets the key and one contract
   * @param port where apps reach it
   * @param hosts as in {@code WRIT_HOSTS}
   */
  static RunningSidecar helper(
      Path home, Issuer issuer, PrivateKey key, String contract, int port, String hosts)
      throws IOException {
    Path contracts = Files.createDirectory(home.resolve("contracts"));
    Files.writeString(home.resolve("key.jwk"), key.toJwk());
    Files.writeString(contracts.resolve("ledger.jws"), contract);
    RunningSidecar helper = new RunningSidecar(home, issuer, port);
    helper.environment.keySet().removeAll(Set.of("WRIT_SERVICES", "WRIT_LISTEN", "WRIT_UPSTREAM"));
    helper.environment.put("WRIT_OUTBOUND", "127.0.0.1:" + port);
    helper.environment.put("WRIT_KEY_FILE", home.resolve("key.jwk").toString());
    helper.environment.put("WRIT_CONTRACTS_DIR", contracts.toString());
    helper.environment.put("WRIT_HOSTS", hosts);
    return helper;
  }

  Path state() {
    return directory.resolve("state");
  }

  RunningSidecar start() throws IOException, InterruptedException {
    launch(UnaryOperator.identity());
    awaitReady();
    return this;
  }

  /** Starts without waiting; the command can be wrapped. */
  void launch(UnaryOperator<List<String>> wrap) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-Xss256k", "-XX:TieredStopAtLevel=1"));
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.writ.sidecar.Main"));
    ProcessBuilder builder = new ProcessBuilder(wrap.apply(command));
    builder.environment().keySet().removeIf(name -> name.startsWith("WRIT_"));
    builder.environment().putAll(environment);
    process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  void awaitReady() throws InterruptedException, IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        if (admin("/readyz").statusCode() == 200) {
          return;
        }
      } catch (IOException _) {
        // Not listening yet.
      }
      Thread.sleep(30);
    }
    throw new IOException("not ready:\n" + log());
  }

  HttpResponse<String> admin(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Value of a metric line that begins so, 0 when there is none. */
  double metric(String begin) throws IOException, InterruptedException {
    return admin("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  String log() throws IOException {
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** All records of all boots, oldest first. */
  List<String> records() {
    try (var files = Files.walk(state().resolve("journal"))) {
      List<String> lines = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".jsonl")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** SIGTERM; the exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return exit();
  }

  /** Waits for the end; the exit code. */
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running");
    }
    return process.exitValue();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Kills it if it still runs. */
  void close() throws InterruptedException {
    if (process != null) {
      kill();
    }
  }
}
