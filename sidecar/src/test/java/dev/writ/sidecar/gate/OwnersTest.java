package dev.writ.sidecar.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a task or a session is, and for how long that is known. */
final class OwnersTest {
  private static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger";

  @TempDir private Path directory;

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void whatBeganBelongsToWhoeverBeganItAlone() throws Exception {
    // Given
    Owners owners = Owners.open(directory);
    // When
    owners.beganTask(SERVICE, "a", "t");
    owners.beganTask(SERVICE, "b", "t");
    // Then
    assertThat(owners.of(SERVICE, "a").ownsTask("t")).isTrue();
    assertThat(owners.of(SERVICE, "b").ownsTask("t")).isFalse();
    assertThat(owners.of(SERVICE, "a").ownsSession("t")).isFalse();
    assertThat(owners.of(SERVICE + "2", "a").ownsTask("t")).isFalse();
  }

  @Test
  void aRestartForgetsNothing() throws Exception {
    // Given
    Owners before = Owners.open(directory);
    before.beganTask(SERVICE, "a", "t");
    before.beganSession(SERVICE, "b", "s");
    // When
    Owners after = Owners.open(directory);
    // Then
    assertThat(after.of(SERVICE, "a").ownsTask("t")).isTrue();
    assertThat(after.of(SERVICE, "b").ownsSession("s")).isTrue();
    assertThat(after.of(SERVICE, "b").ownsTask("t")).isFalse();
    assertThat(files()).hasSize(1);
  }

  @Test
  void aTornOrDamagedLineIsNobodysAndTheRestIsRead() throws Exception {
    // Given
    Owners before = Owners.open(directory);
    before.beganTask(SERVICE, "a", "first");
    Files.writeString(files().getFirst(), "\0\0\0\0\nnot a line\n", StandardOpenOption.APPEND);
    String last = Files.readAllLines(files().getFirst()).getFirst();
    Files.writeString(files().getFirst(), last.substring(0, 60), StandardOpenOption.APPEND);
    // When
    Owners after = Owners.open(directory);
    after.beganTask(SERVICE, "b", "second");
    // Then
    Owners again = Owners.open(directory);
    assertThat(again.of(SERVICE, "a").ownsTask("first")).isTrue();
    assertThat(again.of(SERVICE, "b").ownsTask("second")).isTrue();
  }

  @Test
  void theOldestGoFirstAndTheFileStaysSmall() throws Exception {
    // Given
    Owners owners = Owners.open(directory, 10);
    // When
    for (int i = 0; i < 1_000; i++) {
      owners.beganTask(SERVICE, "a", "t" + i);
      // Asked for all the time, so not the oldest.
      assertThat(owners.of(SERVICE, "a").ownsTask("t0")).isTrue();
    }
    // Then
    Owners after = Owners.open(directory, 10);
    for (Owners one : List.of(owners, after)) {
      assertThat(one.of(SERVICE, "a").ownsTask("t999")).isTrue();
      assertThat(one.of(SERVICE, "a").ownsTask("t500")).isFalse();
    }
    assertThat(files()).hasSize(1);
    assertThat(Files.size(files().getFirst())).isLessThan(21 * 88);
  }

  @Test
  void whatCannotBeWrittenIsStillKnownToThisProcess() throws Exception {
    // Given
    Owners owners = Owners.open(directory, 1);
    owners.beganTask(SERVICE, "a", "first");
    Files.delete(files().getFirst());
    Files.delete(directory);
    // When
    owners.beganTask(SERVICE, "a", "second");
    // Then
    assertThat(owners.of(SERVICE, "a").ownsTask("second")).isTrue();
    Files.createDirectory(directory);
  }
}
