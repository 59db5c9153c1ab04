package dev.writ.sidecar.capture;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs {@code nft} and {@code ip}. */
final class Programs {
  private static final int SECONDS = 10;
  private static final int MAX_OUTPUT = 500;

  private Programs() {}

  /** Runs a program without input. */
  static void run(String... command) throws IOException, InterruptedException {
    feed("", command);
  }

  /**
   * Runs a program with that input.
   *
   * @throws IOException when it is missing, fails or takes too long; the message has what it said
   */
  static void feed(String input, String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .strip()
            .replace('\n', ' ');
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command[0] + " did not end");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          String.join(" ", command)
              + " failed: "
              + output.substring(0, Math.min(output.length(), MAX_OUTPUT)));
    }
  }
}
