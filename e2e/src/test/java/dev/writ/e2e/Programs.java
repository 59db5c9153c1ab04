package dev.writ.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Starts what was built, as users start it, and ends all of it with the test. */
final class Programs implements AutoCloseable {
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** As a kubelet's: one request that gets no answer is not the end. */
  private static final Duration PROBE = Duration.ofSeconds(5);

  private static final int LOWEST_PORT = 16_500;
  private static final int FIRST_EPHEMERAL_PORT = 32_768;

  private final Path folder;
  private final List<Process> running = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Logs go into the folder. */
  Programs(Path folder) {
    this.folder = folder;
  }

  /** What a command printed, and how it ended. */
  record Result(int code, String out, String err) {}

  /** Runs {@code writ}. */
  Result writ(String... args) throws IOException, InterruptedException {
    return writ(Map.of(), args);
  }

  /** Runs {@code writ} with these variables beside those of this process. */
  Result writ(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = java("cli/target/cli.jar");
    command.addAll(List.of(args));
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("writ " + String.join(" ", args) + " did not end");
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Starts the sidecar with exactly these variables. */
  Process sidecar(String name, Map<String, String> environment) throws IOException {
    return start(name, java("sidecar/target/sidecar.jar"), environment);
  }

  /** Starts the operator with these variables. */
  Process operator(String name, Map<String, String> environment) throws IOException {
    return start(name, java("operator/target/operator.jar"), environment);
  }

  /** Starts an agent of the examples. */
  Process agent(String role, Map<String, String> environment) throws IOException {
    List<String> command = java("examples/agents/target/agents.jar");
    command.add(role);
    return start(role, command, environment);
  }

  static List<String> java(String jar) {
    return new ArrayList<>(
        List.of(
            JAVA,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-jar",
            ROOT.resolve(jar).toString()));
  }

  private Process start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("WRIT_"));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
    Process process = builder.start();
    running.add(process);
    return process;
  }

  private Path log(String name) {
    return folder.resolve(name + ".log");
  }

  /** Waits until a process answers 200 there. Says what it answered instead, if it never does. */
  void awaitReady(String name, Process process, String url)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String last = "nothing";
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        HttpResponse<String> answer = get(url, PROBE);
        if (answer.statusCode() == 200) {
          return;
        }
        last = answer.statusCode() + " " + answer.body().strip();
      } catch (IOException e) {
        // Not listening yet, or it does not answer.
        last = e.toString();
      }
      Thread.sleep(50);
    }
    throw new IOException(
        "%s was not ready at %s, its last answer: %s%n%s"
            .formatted(name, url, last, Files.readString(log(name))));
  }

  HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return get(url, PATIENCE);
  }

  private HttpResponse<String> get(String url, Duration patience)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(patience).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String url, String json) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /**
   * A port that nobody listens on. Below those that the kernel gives to outgoing connections: one
   * of these could take it before the program does, or a probe of it could connect to itself.
   */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, FIRST_EPHEMERAL_PORT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody's.
      }
    }
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
    running.forEach(process -> process.onExit().join());
  }
}
