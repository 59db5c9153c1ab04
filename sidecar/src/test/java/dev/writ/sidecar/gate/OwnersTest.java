package dev.writ.sidecar.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a task or a session is, and for how long that is known. */
final class OwnersTest {
  private static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger";

  @TempDir private Path directory;
  private long nanos;

  private Owners open(int limit) throws IOException {
    return Owners.open(directory, limit, () -> nanos);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void whatBeganBelongsToWhoeverBeganItAlone() throws Exception {
    // Given
    Owners owners = open(100);
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
    Owners before = open(100);
    before.beganTask(SERVICE, "a", "t");
    before.beganSession(SERVICE, "b", "s");
    // When
    Owners after = open(100);
    // Then
    assertThat(after.of(SERVICE, "a").ownsTask("t")).isTrue();
    assertThat(after.of(SERVICE, "b").ownsSession("s")).isTrue();
    assertThat(after.of(SERVICE, "b").ownsTask("t")).isFalse();
    assertThat(files()).hasSize(1);
  }

  @Test
  void aTornOrDamagedLineIsNobodysAndTheRestIsRead() throws Exception {
    // Given
    Owners before = open(100);
    before.beganTask(SERVICE, "a", "first");
    Files.writeString(files().getFirst(), "\0\0\0\0\nnot a line\n", StandardOpenOption.APPEND);
    String last = Files.readAllLines(files().getFirst()).getFirst();
    Files.writeString(files().getFirst(), last.substring(0, 60), StandardOpenOption.APPEND);
    // When
    Owners after = open(100);
    after.beganTask(SERVICE, "b", "second");
    // Then
    Owners again = open(100);
    assertThat(again.of(SERVICE, "a").ownsTask("first")).isTrue();
    assertThat(again.of(SERVICE, "b").ownsTask("second")).isTrue();
  }

  @Test
  void theOldestGoFirstAndTheFileStaysSmall() throws Exception {
    // Given
    Owners owners = open(10);
    // When
    for (int i = 0; i < 1_000; i++) {
      owners.beganTask(SERVICE, "a", "t" + i);
      // Asked for all the time, so not the oldest.
      assertThat(owners.of(SERVICE, "a").ownsTask("t0")).isTrue();
    }
    // Then
    Owners after = open(10);
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
    Owners owners = open(1);
    owners.beganTask(SERVICE, "a", "first");
    Files.delete(files().getFirst());
    Files.delete(directory);
    // When
    owners.beganTask(SERVICE, "a", "second");
    // Then
    assertThat(owners.of(SERVICE, "a").ownsTask("second")).isTrue();
    Files.createDirectory(directory);
  }

  @Test
  void aFileThatCannotBeWrittenIsTakenAwayAndTriedAgainAfterAMinuteWithAllThatItMissed()
      throws Exception {
    // Given
    Owners owners = open(3);
    for (String task : List.of("first", "second", "third")) {
      owners.beganTask(SERVICE, "a", task);
    }
    List<Path> before = files();
    // When
    // A channel fails in an interrupted thread, after the file was made.
    Thread.currentThread().interrupt();
    owners.beganTask(SERVICE, "a", "fourth");
    assertThat(Thread.interrupted()).isTrue();
    // Then
    assertThat(files()).isEqualTo(before);
    nanos = Duration.ofMinutes(1).toNanos() - 1;
    owners.beganTask(SERVICE, "a", "fifth");
    assertThat(files()).as("not tried yet").isEqualTo(before);
    assertThat(open(3).of(SERVICE, "a").ownsTask("fourth")).isFalse();
    nanos++;
    owners.beganTask(SERVICE, "a", "sixth");
    for (Owners one : List.of(owners, open(3))) {
      assertThat(one.of(SERVICE, "a").ownsTask("fourth")).isTrue();
      assertThat(one.of(SERVICE, "a").ownsTask("fifth")).isTrue();
      assertThat(one.of(SERVICE, "a").ownsTask("sixth")).isTrue();
    }
  }

  @Test
  void aLineThatCannotBeAddedIsWrittenLaterWithTheRest() throws Exception {
    // Given
    Owners owners = open(100);
    owners.beganTask(SERVICE, "a", "first");
    Thread.currentThread().interrupt();
    owners.beganTask(SERVICE, "a", "second");
    assertThat(Thread.interrupted()).isTrue();
    // When
    nanos = Duration.ofMinutes(1).toNanos();
    owners.beganTask(SERVICE, "a", "third");
    owners.beganTask(SERVICE, "a", "fourth");
    // Then
    Owners after = open(100);
    for (String task : List.of("first", "second", "third", "fourth")) {
      assertThat(after.of(SERVICE, "a").ownsTask(task)).isTrue();
    }
    assertThat(files()).hasSize(1);
  }
}
