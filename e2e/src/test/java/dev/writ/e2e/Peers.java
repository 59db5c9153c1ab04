package dev.writ.e2e;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Clients and servers of other people, with a gate and a helper in standalone mode between them:
 * they are told what injection would set, and nothing else.
 */
final class Peers implements AutoCloseable {
  /** Where {@code e2e/peers/install} put them. */
  static final Path FOLDER = Path.of(String.valueOf(System.getenv("WRIT_PEERS_DIR")));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger-agent";

  /** Where the helper listens. */
  final int helper = Programs.freePort();

  private final Path folder;
  private final Path keys;
  private final Programs programs;
  private final List<Process> foreign = new ArrayList<>();

  /**
   * One port of the callee.
   *
   * @param host as clients name it, with its port
   * @param protocol that the gate is told
   * @param app where the app listens
   */
  record Port(String host, String protocol, int app, int gate) {
    Port(String host, String protocol, int app) {
      this(host, protocol, app, Programs.freePort());
    }
  }

  /**
   * Nothing runs yet.
   *
   * @param folder for logs and state
   * @param keys where {@link #makeKeys} left them
   */
  Peers(Path folder, Path keys) {
    this.folder = folder;
    this.keys = keys;
    this.programs = new Programs(folder);
  }

  /** The issuer's and the caller's. */
  static void makeKeys(Path keys) throws IOException, InterruptedException {
    try (Programs programs = new Programs(keys)) {
      writ(
          programs,
          "key",
          "generate",
          "--out",
          keys + "/issuer.jwk",
          "--trust-out",
          keys + "/trust.json");
      writ(
          programs,
          "key",
          "generate",
          "--out",
          keys + "/agent.jwk",
          "--public-out",
          keys + "/agent.pub.jwk");
    }
  }

  private static void writ(Programs programs, String... args)
      throws IOException, InterruptedException {
    Programs.Result result = programs.writ(args);
    assertThat(result.code()).as(result.err()).isZero();
  }

  /**
   * Starts gate and helper.
   *
   * @param capability what the caller may do and nothing else, a file of {@code peers/}
   */
  void guard(String capability, Port... ports) throws IOException, InterruptedException {
    Files.createDirectory(folder.resolve("contracts"));
    writ(
        programs,
        "contract",
        "issue",
        "--capability",
        Path.of("src/test/resources/peers", capability + ".yaml").toAbsolutePath().toString(),
        "--holder",
        keys + "/agent.pub.jwk",
        "--key",
        keys + "/issuer.jwk",
        "--out",
        folder + "/contracts/peer.jws");
    List<Port> all = List.of(ports);
    int gateAdmin = Programs.freePort();
    Map<String, String> gated = common("gate", gateAdmin);
    gated.put("WRIT_SERVICES", each(all, _ -> SERVICE));
    gated.put("WRIT_PROTOCOL", each(all, Port::protocol));
    gated.put("WRIT_LISTEN", each(all, port -> "127.0.0.1:" + port.gate));
    gated.put("WRIT_UPSTREAM", each(all, port -> "127.0.0.1:" + port.app));
    int helperAdmin = Programs.freePort();
    Map<String, String> helping = common("helper", helperAdmin);
    helping.put("WRIT_OUTBOUND", "127.0.0.1:" + helper);
    helping.put("WRIT_KEY_FILE", keys + "/agent.jwk");
    helping.put("WRIT_CONTRACTS_DIR", folder + "/contracts");
    helping.put("WRIT_HOSTS", each(all, port -> port.host + "=127.0.0.1:" + port.gate));
    Process first = programs.sidecar("gate", gated);
    Process second = programs.sidecar("helper", helping);
    programs.awaitReady("gate", first, "http://127.0.0.1:" + gateAdmin + "/readyz");
    programs.awaitReady("helper", second, "http://127.0.0.1:" + helperAdmin + "/readyz");
  }

  private Map<String, String> common(String name, int admin) {
    return new HashMap<>(
        Map.of(
            "WRIT_MODE",
            "standalone",
            "WRIT_TRUST_FILE",
            keys + "/trust.json",
            "WRIT_STATE_DIR",
            folder + "/" + name,
            "WRIT_ADMIN",
            "127.0.0.1:" + admin));
  }

  private static String each(List<Port> ports, Function<Port, String> what) {
    return ports.stream().map(what).collect(joining(","));
  }

  /** Starts a server and waits for its port. */
  void serve(int port, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Process process = start("peer", environment, command);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < deadline && process.isAlive()) {
      try (Socket _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new IOException("no server:\n" + output("peer"));
  }

  /** Runs a client in the environment that injection gives it; its lines by their step. */
  Map<String, JsonNode> run(Map<String, String> more, List<String> command)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>(more);
    environment.putAll(proxied());
    Process process = start("client", environment, command);
    assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
    Map<String, JsonNode> steps = new HashMap<>();
    String log = output("client");
    for (String line : log.lines().filter(line -> line.startsWith("{")).toList()) {
      JsonNode step = JSON.readTree(line);
      steps.put(step.path("step").asText(), step);
    }
    assertThat(process.exitValue()).as(log).isZero();
    return steps;
  }

  /** What injection sets. */
  Map<String, String> proxied() {
    String proxy = "http://127.0.0.1:" + helper;
    return Map.of("HTTP_PROXY", proxy, "http_proxy", proxy, "NO_PROXY", "127.0.0.1");
  }

  static List<String> node(String... script) {
    List<String> command = new ArrayList<>(List.of("node", "--import", "./proxy.mjs"));
    command.addAll(List.of(script));
    return command;
  }

  Process start(String name, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(FOLDER.toFile());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(name + ".log").toFile());
    Process process = builder.start();
    foreign.add(process);
    return process;
  }

  /** What a program said so far. */
  String output(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  @Override
  public void close() {
    foreign.forEach(Process::destroyForcibly);
    programs.close();
  }
}
