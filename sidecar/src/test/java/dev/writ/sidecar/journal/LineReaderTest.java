package dev.writ.sidecar.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LineReaderTest {
  /** What is read at a time is 65,536 bytes: lines end before, on and behind its edge. */
  private static final List<Integer> LENGTHS =
      List.of(0, 1, 65_533, 0, 65_535, 65_536, 65_537, 200_000, 0, 0, 70);

  @TempDir private Path directory;

  @Test
  void readsLinesOfEveryLengthUpToTheEndThatItWasGiven() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int length : LENGTHS) {
      lines.add(String.valueOf((char) ('a' + lines.size())).repeat(length));
    }
    Path file = directory.resolve("records");
    String whole = String.join("\n", lines) + "\n";
    Files.writeString(file, whole + "not yet committed\n");

    for (int skip = 0; skip <= lines.size(); skip++) {
      List<String> read = new ArrayList<>();
      try (LineReader reader =
          new LineReader(new BootFiles.Stretch(file, 0, 0, skip, whole.length()))) {
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
          read.add(new String(line, US_ASCII));
        }
        assertThat(reader.offset()).isEqualTo(whole.length());
      }
      assertThat(read).isEqualTo(lines.subList(skip, lines.size()));
    }
  }

  @Test
  void aLineThatTheEndCutsIsNone() throws IOException {
    Path file = directory.resolve("records");
    Files.writeString(file, "one\ntwo\n");
    try (LineReader reader = new LineReader(new BootFiles.Stretch(file, 0, 0, 0, 6))) {
      assertThat(reader.next()).isEqualTo("one".getBytes(US_ASCII));
      assertThat(reader.next()).isNull();
    }
  }
}
