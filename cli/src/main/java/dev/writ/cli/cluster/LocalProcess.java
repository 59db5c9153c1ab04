package dev.writ.cli.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program of the demo that runs beside it: sidecar, operator or agent. */
public final class LocalProcess {
  /** The process writes its own id before it becomes the program: there is no moment without. */
  private static final String ANNOUNCE = ": > \"$0/$$\"; exec \"$@\"";

  private final String name;
  private final Process process;
  private final Path log;
  private final Path pids;

  private LocalProcess(String name, Process process, Path log, Path pids) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.pids = pids;
  }

  /**
   * Starts a program.
   *
   * @param environment all it gets, beside PATH
   */
  public static LocalProcess start(
      String name, List<String> command, Map<String, String> environment, RunFolder run)
      throws IOException {
    List<String> announced = new ArrayList<>(List.of("sh", "-c", ANNOUNCE, run.pids().toString()));
    announced.addAll(command);
    Path log = run.logs().resolve(name + ".log");
    var builder = new ProcessBuilder(announced);
    builder.environment().keySet().removeIf(variable -> !variable.equals("PATH"));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Process process = builder.start();
    process.getOutputStream().close();
    LocalProcess started = new LocalProcess(name, process, log, run.pids());
    var _ = process.onExit().thenRun(started::forget);
    return started;
  }

  private void forget() {
    try {
      Files.deleteIfExists(pids.resolve(Long.toString(process.pid())));
    } catch (IOException e) {
      // The folder is being removed: then the id goes with it.
    }
  }

  public String name() {
    return name;
  }

  public Path log() {
    return log;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with the exit code. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** The lines that it has written so far. */
  public List<String> lines() throws IOException {
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  /** The last lines that it has written, for a message about its failure. */
  public List<String> tail(int count) {
    try {
      List<String> lines = lines();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of("(its log cannot be read: " + e.getMessage() + ")");
    }
  }

  /** Asks it to end. */
  public void terminate() {
    process.destroy();
  }

  /** Ends it without asking. */
  void kill() {
    process.destroyForcibly();
  }

  /** Waits for its end until {@code deadline} ({@link System#nanoTime()}), then makes it end. */
  public void reap(long deadline) throws InterruptedException {
    if (!process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
