package dev.writ.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The folder of one run: process ids, logs, volumes, records. A shell beside this process waits for
 * its end, however it comes about ({@code kill -9} too), then kills what is listed here and removes
 * the folder.
 */
public final class RunFolder implements AutoCloseable {
  private static final String REAPER =
      """
      trap '' INT TERM HUP
      read -r _
      for round in 1 2 3; do
        for pid in "$0"/pids/*; do
          [ -f "$pid" ] && kill -KILL "${pid##*/}" 2>/dev/null
        done
        sleep 0.2
      done
      rm -rf "$0"
      """;

  private final Path root;
  private final Process reaper;

  private RunFolder(Path root, Process reaper) {
    this.root = root;
    this.reaper = reaper;
  }

  /** Makes a new folder below {@code parent}, and its guardian. */
  public static RunFolder create(Path parent) throws IOException {
    Files.createDirectories(parent);
    Path root = Files.createTempDirectory(parent, "demo-");
    Files.createDirectory(root.resolve("pids"));
    Files.createDirectory(root.resolve("logs"));
    Process reaper =
        new ProcessBuilder("sh", "-c", REAPER, root.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new RunFolder(root, reaper);
  }

  Path pids() {
    return root.resolve("pids");
  }

  /** Where each process writes what it says. */
  public Path logs() {
    return root.resolve("logs");
  }

  /** A folder of this run, made on demand. */
  public Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  /** Moves the logs to a place that outlives the run. */
  public void keepLogs(Path target) throws IOException {
    delete(target);
    Files.createDirectories(target);
    try (Stream<Path> logs = Files.list(logs())) {
      for (Path log : logs.toList()) {
        Files.copy(log, target.resolve(log.getFileName()));
      }
    }
  }

  /**
   * Removes the folder; the guardian finds nothing to do. Call it after all processes have ended.
   */
  @Override
  public void close() throws IOException {
    delete(root);
    reaper.getOutputStream().close();
    reaper.destroyForcibly();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(RunFolder::deleteFile);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void deleteFile(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
