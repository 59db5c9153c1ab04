package dev.writ.cli;

import java.io.Console;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.logging.LogManager;

/** Starts the command line; alone reads the environment and the clock, and ends the process. */
public final class Main {
  private Main() {}

  /** Runs one command. */
  public static void main(String[] args) {
    // The demo's API server logs every request there.
    LogManager.getLogManager().reset();
    // JDK 25 has none when input or output is no terminal, whatever the check says.
    Console console = System.console();
    @SuppressWarnings("SystemConsoleNull")
    boolean terminal = console != null && console.isTerminal();
    var surroundings =
        new Surroundings(
            System.getenv(),
            InstantSource.system(),
            System.out,
            System.err,
            terminal,
            Path.of(System.getProperty("java.home"), "bin", "java"));
    System.exit(Writ.run(surroundings, args));
  }
}
