package dev.writ.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * What the process around a command is, read once in {@code main}.
 *
 * @param environment all variables
 * @param clock the wall clock
 * @param out what was asked for
 * @param err what went wrong, and progress of commands whose output is data
 * @param terminal whether {@code out} is a terminal
 * @param java the {@code java} program that runs this
 */
public record Surroundings(
    Map<String, String> environment,
    InstantSource clock,
    PrintStream out,
    PrintStream err,
    boolean terminal,
    Path java) {
  /** Copies. */
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** Whether to use colours: on a terminal that has them, unless NO_COLOR is set (no-color.org). */
  public boolean coloured() {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !"dumb".equals(environment.get("TERM"));
  }
}
