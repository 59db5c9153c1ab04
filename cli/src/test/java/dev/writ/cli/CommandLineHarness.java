package dev.writ.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Runs commands in this JVM, with a clock of its own. */
public final class CommandLineHarness {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Instant now;

  public CommandLineHarness(Instant now) {
    this.now = now;
  }

  public void at(String moment) {
    now = Instant.parse(moment);
  }

  /** Runs one command; {@link #out} and {@link #err} are what it alone wrote. */
  public int run(String... args) {
    out.reset();
    err.reset();
    return Writ.run(
        new Surroundings(
            Map.of(),
            () -> now,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            Path.of("java")),
        args);
  }

  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  public String err() {
    return err.toString(StandardCharsets.UTF_8).strip();
  }
}
