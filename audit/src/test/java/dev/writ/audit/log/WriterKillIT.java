package dev.writ.audit.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A writer under load, killed with SIGKILL again and again, at times with another one beside it.
 * {@code -Dwrit.log.kills=60} for about a minute.
 */
class WriterKillIT {
  private static final int KILLS = Integer.getInteger("writ.log.kills", 6);

  @TempDir private Path folder;
  private final PrivateKey key = PrivateKey.generate();
  private final Set<String> acknowledged = new HashSet<>();

  @Test
  void nothingAcknowledgedIsLostAndTheLogStaysGreen() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(9);
    for (int round = 0; round < KILLS; round++) {
      List<Writer> writers = new ArrayList<>(List.of(new Writer()));
      if (round % 3 == 2) {
        writers.add(new Writer());
      }
      writers.getFirst().awaitOpen();
      Thread.sleep(100 + random.nextInt(900));
      for (Writer writer : writers) {
        writer.kill();
      }
      verify();
    }
    assertThat(acknowledged).hasSizeGreaterThan(KILLS);
  }

  private void verify() throws IOException {
    LogFixture log = new LogFixture(key);
    Path logFolder = folder.resolve("log");
    log.open(
        DirectoryStorage.writing(logFolder),
        new WriterProcess.FileCheckpoints(DirectoryStorage.writing(folder.resolve("etcd"))));
    LogSource source = DirectoryStorage.reading(logFolder);
    Report report =
        LogVerifier.verify(source, LogVerifier.Options.of(log.key()), LogFixture.ED25519);
    assertThat(report.findings()).isEmpty();
    Set<String> receipts = new HashSet<>();
    LogFixture.lines(source, report.entries())
        .forEach(line -> receipts.add(LogFixture.receipt(line)));
    assertThat(receipts).containsAll(acknowledged);
  }

  /** One process; what it says is in a file, so that the kill takes nothing of it away. */
  private final class Writer {
    private final Process process;
    private final Path said;

    Writer() throws IOException {
      said = Files.createTempFile(folder, "said", "");
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  WriterProcess.class.getName(),
                  folder.resolve("log").toString(),
                  folder.resolve("etcd").toString(),
                  key.toJwk())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
    }

    void awaitOpen() throws InterruptedException {
      while (said.toFile().length() == 0 && process.isAlive()) {
        Thread.sleep(10);
      }
    }

    void kill() throws IOException, InterruptedException {
      process.destroyForcibly().waitFor();
      for (String line : Files.readAllLines(said)) {
        if (line.startsWith("acked ")) {
          acknowledged.add(line.substring("acked ".length()));
        } else {
          assertThat(line).isEqualTo("open");
        }
      }
    }
  }
}
