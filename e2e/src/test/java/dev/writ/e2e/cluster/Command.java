package dev.writ.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program run to its end. */
record Command(List<String> line, int code, String out, String err) {
  /** Without it a very short command run by {@code kubectl exec} now and then loses its output. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "false");

  static Command run(@Nullable String input, Duration patience, String... line) {
    try {
      Path out = Files.createTempFile("out", "");
      Path err = Files.createTempFile("err", "");
      Path in = Files.createTempFile("in", "");
      try {
        Files.writeString(in, input == null ? "" : input);
        ProcessBuilder builder =
            new ProcessBuilder(line)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(ENVIRONMENT);
        Process process = builder.start();
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly().waitFor();
          throw new AssertionError(
              String.join(" ", line) + " did not end within " + patience + ": " + text(err));
        }
        return new Command(List.of(line), process.exitValue(), text(out), text(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
        Files.delete(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + Arrays.toString(line), e);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** What it printed, if it ended well. */
  String output() {
    if (code != 0) {
      throw new AssertionError(String.join(" ", line) + " ended with " + code + ": " + err + out);
    }
    return out;
  }

  static String[] join(String[] first, String... rest) {
    return Stream.of(first, rest).flatMap(Arrays::stream).toArray(String[]::new);
  }
}
