package dev.writ.sidecar.spent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpentDirectoryTest {
  private static final String POD = "6f6ff6e5-63a5-4b40-9d1d-6a0c0a1f5b11";
  private static final String KERNEL = "0c5bd1f4-1111-4222-8333-444455556666";
  private static final Origin FIRST = new Origin("00000000000000a1", POD, KERNEL);
  private static final Origin SECOND = new Origin("00000000000000a2", POD, KERNEL);

  @TempDir Path directory;

  private void leave(Origin origin, Map<String, Integer> calls) throws IOException {
    try (SpentDirectory boot = SpentDirectory.open(directory, origin, 8)) {
      calls.forEach(
          (path, count) -> {
            int slot = boot.own().take(path);
            for (int i = 0; i < count; i++) {
              assertThat(boot.own().raise(slot, i)).isTrue();
            }
          });
    }
  }

  @Test
  void theNextBootReadsWhatADeadOneCounted() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 3, "root/child", 2, "other", 0));
    // When
    try (SpentDirectory next = SpentDirectory.open(directory, SECOND, 8)) {
      // Then
      assertThat(next.predecessors())
          .containsExactly(
              new Predecessor.Counted(
                  FIRST.boot(), Map.of("root", 3L, "root/child", 2L, "other", 0L)));
    }
  }

  @Test
  void twoUnsettledBootsAreBothFoundByTheThird() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 1));
    leave(SECOND, Map.of("root", 2));
    // When
    Origin third = new Origin("00000000000000a3", POD, KERNEL);
    try (SpentDirectory next = SpentDirectory.open(directory, third, 8)) {
      // Then
      assertThat(next.predecessors())
          .containsExactly(
              new Predecessor.Counted(FIRST.boot(), Map.of("root", 1L)),
              new Predecessor.Counted(SECOND.boot(), Map.of("root", 2L)));
    }
  }

  @Test
  void whatIsSettledIsGoneAndWhatIsNotStays() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 1));
    leave(SECOND, Map.of("root", 2));
    // When
    Origin third = new Origin("00000000000000a3", POD, KERNEL);
    try (SpentDirectory next = SpentDirectory.open(directory, third, 8)) {
      next.settled(FIRST.boot());
    }
    // Then
    Origin fourth = new Origin("00000000000000a4", POD, KERNEL);
    try (SpentDirectory next = SpentDirectory.open(directory, fourth, 8)) {
      assertThat(next.predecessors())
          .extracting(Predecessor::boot)
          .containsExactly(SECOND.boot(), third.boot());
      assertThat(directory.resolve(FIRST.boot() + ".lock")).doesNotExist();
    }
  }

  @Test
  void aBootThatSettledItselfLeavesNothing() throws IOException {
    // Given
    try (SpentDirectory boot = SpentDirectory.open(directory, FIRST, 8)) {
      boot.own().take("root");
      // When
      boot.settledSelf();
    }
    // Then
    try (SpentDirectory next = SpentDirectory.open(directory, SECOND, 8)) {
      assertThat(next.predecessors()).isEmpty();
    }
  }

  @Test
  void countersFromBeforeARebootOrOfAnotherPodAreLost() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 3));
    // When
    Origin rebooted = new Origin("00000000000000a2", POD, "another-kernel-boot");
    try (SpentDirectory next = SpentDirectory.open(directory, rebooted, 8)) {
      // Then
      assertThat(next.predecessors()).singleElement().isInstanceOf(Predecessor.Lost.class);
    }
    Origin moved = new Origin("00000000000000a3", "0f6ff6e5-63a5-4b40-9d1d-6a0c0a1f5b11", KERNEL);
    try (SpentDirectory next = SpentDirectory.open(directory, moved, 8)) {
      assertThat(next.predecessors()).hasSize(2).allMatch(Predecessor.Lost.class::isInstance);
    }
  }

  @Test
  void aKernelWithoutBootIdIsNeverBelieved() throws IOException {
    // Given
    leave(new Origin(FIRST.boot(), POD, ""), Map.of("root", 3));
    // When
    try (SpentDirectory next =
        SpentDirectory.open(directory, new Origin(SECOND.boot(), POD, ""), 8)) {
      // Then
      assertThat(next.predecessors()).singleElement().isInstanceOf(Predecessor.Lost.class);
    }
  }

  @Test
  void aShortLongOrForeignFileIsLostAndNotTakenForNothingSpent() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 3));
    Path file = directory.resolve(FIRST.boot() + ".spent");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 16, 255, 256, whole.length - 1, whole.length + 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      // When, Then
      assertThatThrownBy(() -> SpentFile.read(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged");
    }
    Files.write(directory.resolve("00000000000000b7.spent"), whole);
    try (SpentDirectory next = SpentDirectory.open(directory, SECOND, 8)) {
      assertThat(next.predecessors()).hasSize(2).allMatch(Predecessor.Lost.class::isInstance);
    }
  }

  @Test
  void aSlotWhoseMakingWasInterruptedIsFree() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 3));
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve(FIRST.boot() + ".spent").toFile(), "rw")) {
      file.seek(256 + 256 + 16);
      file.write("half".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    // When
    SpentFile.Content content = SpentFile.read(directory.resolve(FIRST.boot() + ".spent"));
    // Then
    assertThat(content.spent()).containsExactly(Map.entry("root", 3L));
  }

  @Test
  void aFullFileRefusesAnotherPathAndKeepsWhatItHas() throws IOException {
    // Given
    try (SpentDirectory boot = SpentDirectory.open(directory, FIRST, 2)) {
      boot.own().take("a");
      boot.own().take("b");
      // When, Then
      assertThat(boot.own().take("c")).isEqualTo(SpentFile.FULL);
      assertThat(boot.own().raise(1, 0)).isTrue();
      assertThat(boot.own().spent(1)).isEqualTo(1);
    }
  }

  @Test
  void noCallIsCountedTwiceOrForgottenByThreadsThatRace() throws Exception {
    // Given
    try (SpentDirectory boot = SpentDirectory.open(directory, FIRST, 2)) {
      int slot = boot.own().take("a");
      AtomicInteger admitted = new AtomicInteger();
      // When
      Thread[] threads = new Thread[4];
      for (int i = 0; i < threads.length; i++) {
        threads[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (long now = boot.own().spent(slot);
                          now < 10_000;
                          now = boot.own().spent(slot)) {
                        if (boot.own().raise(slot, now)) {
                          admitted.incrementAndGet();
                        }
                      }
                    });
      }
      for (Thread thread : threads) {
        thread.join();
      }
      // Then
      assertThat(admitted).hasValue(10_000);
      assertThat(boot.own().spent(slot)).isEqualTo(10_000);
    }
  }

  @Test
  void aBootWhoseLockIsHeldIsNeverSettled() throws IOException {
    // Given
    leave(FIRST, Map.of("root", 3));
    try (BootLock alive = BootLock.tryTake(directory.resolve(FIRST.boot() + ".lock"))) {
      assertThat(alive).isNotNull();
      // When
      try (SpentDirectory next = SpentDirectory.open(directory, SECOND, 8)) {
        // Then
        assertThat(next.predecessors()).isEmpty();
        assertThat(directory.resolve(FIRST.boot() + ".spent")).exists();
      }
    }
  }
}
