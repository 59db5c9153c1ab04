package dev.writ.sidecar.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text of the rules, as it goes to nft; {@code -Dgolden=write} writes it anew. */
final class RulesTest {
  private static final Path CASES = Path.of("src/test/resources/capture");

  @Test
  void everyPortHasAListenerOfItsOwn() throws IOException {
    golden("two-ports.nft", Rules.of(List.of(80, 9000)));
  }

  @Test
  void aCallerWithoutPortsIsClosedFromOutside() throws IOException {
    golden("no-ports.nft", Rules.of(List.of()));
  }

  @Test
  void aTrialChangesNothingButWhatItsOwnInterfaceNeeds() throws IOException {
    golden("trial.nft", Rules.onTrial(List.of(80, 9000)));
  }

  private static void golden(String name, String text) throws IOException {
    if ("write".equals(System.getProperty("golden"))) {
      Files.createDirectories(CASES);
      Files.writeString(CASES.resolve(name), text);
    }
    assertThat(text).isEqualTo(Files.readString(CASES.resolve(name)));
  }
}
