package dev.writ.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void noColourReachesAPipe() {
    // Given
    Screen screen = screen(false);
    // When
    screen.step(Screen.Tone.BAD, "the ledger counted 1,001");
    // Then
    assertThat(printed()).matches(" *\\d+\\.\\ds  the ledger counted 1,001\\R");
  }

  @Test
  void aTerminalShowsRefusalsInAnotherColour() {
    // Given
    Screen screen = screen(true);
    // When
    screen.step(Screen.Tone.REFUSED, "replayed");
    // Then
    assertThat(printed()).startsWith("\u001b[33m").contains("replayed\u001b[0m");
  }

  private Screen screen(boolean coloured) {
    return new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), coloured);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
