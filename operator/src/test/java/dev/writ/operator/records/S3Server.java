package dev.writ.operator.records;

import static org.awaitility.Awaitility.await;

import dev.writ.operator.config.LogPlace.Bucket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An object store of other people, as a process: {@code WRIT_S3_SERVER} names its program. */
public final class S3Server implements AutoCloseable {
  public static final String PROGRAM = "WRIT_S3_SERVER";
  public static final String BUCKET = "writ-log";
  static final String ACCESS = "writ-test";
  static final String SECRET = "not-to-be-seen-anywhere";

  private final Process process;
  private final URI endpoint;

  private S3Server(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Starts it with one empty bucket, and gives this process the credentials. */
  public static S3Server start(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("buckets").resolve(BUCKET));
    int port = freePort();
    Process process =
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
                folder.resolve("buckets").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3.log").toFile())
            .start();
    await().atMost(Duration.ofMinutes(1)).until(() -> listens(port));
    System.setProperty("aws.accessKeyId", ACCESS);
    System.setProperty("aws.secretAccessKey", SECRET);
    return new S3Server(process, URI.create("http://127.0.0.1:" + port));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it answers. */
  public URI endpoint() {
    return endpoint;
  }

  public Bucket bucket(String name, String prefix) {
    return new Bucket(name, prefix, "us-east-1", Optional.of(endpoint));
  }

  @Override
  public void close() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    process.destroyForcibly().onExit().join();
  }
}
