package dev.writ.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderIT {
  @TempDir Path parent;

  @Test
  void aProcessRunsWithItsEnvironmentAloneAndItsLinesAreKept() throws Exception {
    try (RunFolder run = RunFolder.create(parent)) {
      // Given
      List<String> command =
          List.of("sh", "-c", "echo \"got $GREETING\"; echo \"home ${HOME:-none}\"");
      // When
      LocalProcess process = LocalProcess.start("greeter", command, Map.of("GREETING", "a b"), run);
      process.onExit().get(10, TimeUnit.SECONDS);
      // Then
      assertThat(process.lines()).containsExactly("got a b", "home none");
    }
    assertThat(parent).isEmptyDirectory();
  }

  /**
   * The maker of the folder is killed, as with kill -9: what it started dies and the folder goes.
   */
  @Test
  void whatWasStartedDoesNotOutliveItsStarter() throws Exception {
    // Given
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process starter =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1",
                Starter.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long child;
    try (var lines = starter.inputReader()) {
      child = Long.parseLong(lines.readLine());
    }
    assertThat(ProcessHandle.of(child)).isPresent();
    // When
    starter.destroyForcibly().waitFor();
    // Then
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty() && isEmpty());
  }

  private boolean isEmpty() throws IOException {
    try (var files = Files.list(parent)) {
      return files.findAny().isEmpty();
    }
  }

  /** Starts one process and waits to be killed. */
  static final class Starter {
    private Starter() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      RunFolder run = RunFolder.create(Path.of(args[0]));
      LocalProcess process = LocalProcess.start("sleeper", List.of("sleep", "600"), Map.of(), run);
      while (isEmpty(run.pids())) {
        Thread.sleep(10);
      }
      System.out.println(process.pid());
      Thread.sleep(Duration.ofMinutes(10));
    }

    private static boolean isEmpty(Path folder) throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files.findAny().isEmpty();
      }
    }
  }
}
