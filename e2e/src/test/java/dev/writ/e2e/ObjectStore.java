package dev.writ.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** An object store of other people with one bucket: {@code WRIT_S3_SERVER} names its program. */
final class ObjectStore implements AutoCloseable {
  static final String PROGRAM = "WRIT_S3_SERVER";
  private static final String BUCKET = "writ-log";
  private static final String ACCESS = "writ-test";
  private static final String SECRET = "not-to-be-seen-anywhere";

  private final Path folder;
  private final int port;
  private final Process process;

  ObjectStore(Path folder) throws IOException {
    this.folder = folder;
    this.port = Programs.freePort();
    Files.createDirectories(folder.resolve(BUCKET));
    process =
        new ProcessBuilder(
                System.getenv(PROGRAM),
                "--port",
                "127.0.0.1:" + port,
                "--access",
                ACCESS,
                "--secret",
                SECRET,
                "--quiet",
                "posix",
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await().atMost(Duration.ofMinutes(1)).until(this::listens);
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What tells an operator to keep its log there. */
  Map<String, String> environment() {
    return Map.of(
        "WRIT_LOG_STORE",
        "s3://" + BUCKET + "/log",
        "WRIT_LOG_S3_ENDPOINT",
        "http://127.0.0.1:" + port,
        "AWS_ACCESS_KEY_ID",
        ACCESS,
        "AWS_SECRET_ACCESS_KEY",
        SECRET);
  }

  /** Where its files are. */
  Path log() {
    return folder.resolve(BUCKET).resolve("log");
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
