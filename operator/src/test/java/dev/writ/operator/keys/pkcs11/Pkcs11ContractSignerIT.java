package dev.writ.operator.keys.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issuer keys in a real token, used by processes one after the other. */
class Pkcs11ContractSignerIT {
  private static final String LABEL = "writ";
  private static final String PIN = "87654321";

  @TempDir Path folder;
  private Path library;

  @BeforeEach
  void token() throws Exception {
    assumeTrue(SoftHsm.library().isPresent(), SoftHsm.MISSING);
    library = SoftHsm.library().orElseThrow();
    SoftHsm.token(folder, LABEL, PIN);
    Files.writeString(folder.resolve("pin"), PIN + "\n");
  }

  @Test
  void aKeyIsMadeSignsIsFoundAgainAndDestroyed() throws Exception {
    // When
    List<String> made = run(LABEL, "make");
    // Then
    assertThat(made).hasSize(4).first().isEqualTo("verified 60");
    String x = made.get(1).substring("made ".length());
    String reference = made.get(2).substring("reference ".length());
    assertThat(reference).matches("[0-9a-f]{32}");
    assertThat(made.get(3)).doesNotContain(reference).doesNotContain(PIN);
    String jwk = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}";

    // When: another process opens it
    assertThat(run(LABEL, "open", jwk, reference)).containsExactly("verified 60", "opened");
    // Then: but not under another name, nor another key under its name
    assertThat(run(LABEL, "open", jwk, "00".repeat(16)).getFirst())
        .startsWith("unavailable the PKCS #11 token holds no issuer key");
    List<String> other = run(LABEL, "make");
    String otherReference = other.get(2).substring("reference ".length());
    assertThat(run(LABEL, "open", jwk, otherReference).getFirst()).startsWith("unavailable");
    assertThat(run(LABEL, "open", jwk, "rubbish").getFirst()).startsWith("unavailable");

    // When
    assertThat(run(LABEL, "destroy", reference)).containsExactly("destroyed");
    // Then
    assertThat(run(LABEL, "open", jwk, reference).getFirst()).startsWith("unavailable");
  }

  @Test
  void aTokenThatIsNotThereAndAWrongPinAreSaid() throws Exception {
    assertThat(run("another", "make"))
        .containsExactly(
            "unavailable couldn't make a key in the PKCS #11 token: there is no token with the"
                + " label \"another\"");
    // When
    Files.writeString(folder.resolve("pin"), "00000000");
    // Then
    assertThat(run(LABEL, "make").getFirst())
        .contains("CKR_PIN_INCORRECT")
        .contains("WRIT_PKCS11_PIN_FILE")
        .doesNotContain("00000000");
    // When
    Files.delete(folder.resolve("pin"));
    // Then
    assertThat(run(LABEL, "make").getFirst()).contains("couldn't read the PIN in");
    // When
    library = folder.resolve("pin");
    // Then
    assertThat(run(LABEL, "make").getFirst()).startsWith("unavailable couldn't load");
  }

  private List<String> run(String label, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            TokenProcess.class.getName(),
            library.toString(),
            label,
            folder.resolve("pin").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SOFTHSM2_CONF", SoftHsm.configuration(folder).toString());
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(err)).as("nothing goes wrong unexpectedly").isEmpty();
    return Files.readAllLines(out);
  }
}
