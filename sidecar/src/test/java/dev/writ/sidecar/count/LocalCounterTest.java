package dev.writ.sidecar.count;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.ErrorCode;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.count.Admission.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Never more than the limit, over restarts, threads and trees. */
final class LocalCounterTest {
  private static final long NOW = 1_000_000;
  @TempDir private Path directory;

  private LocalCounter open(int slots) throws IOException {
    return LocalCounter.open(directory.resolve("counters"), true, slots);
  }

  private static Block calls(String path, long limit) {
    return new Block(path, path.substring(path.lastIndexOf('/') + 1), limit, null, null);
  }

  private static Refused refused(Admission admission) {
    return (Refused) admission;
  }

  @Test
  void manyThreadsAdmitExactlyTheLimit() throws Exception {
    try (LocalCounter counter = open(8)) {
      AtomicInteger admitted = new AtomicInteger();
      CountDownLatch done = new CountDownLatch(8);
      for (int thread = 0; thread < 8; thread++) {
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < 1_000; i++) {
                    if (counter.spend(List.of(calls("a", 1_000)), NOW) instanceof Admitted) {
                      admitted.incrementAndGet();
                    }
                  }
                  done.countDown();
                });
      }
      done.await();
      assertThat(admitted).hasValue(1_000);
    }
  }

  @Test
  void theCountGoesOnAfterAReopen() throws Exception {
    try (LocalCounter counter = open(8)) {
      counter.spend(List.of(calls("a", 2)), NOW);
      counter.spend(List.of(calls("b", 5)), NOW);
    }
    try (LocalCounter counter = LocalCounter.open(directory.resolve("counters"), false)) {
      assertThat(((Admitted) counter.spend(List.of(calls("a", 2)), NOW)).remaining()).isZero();
      Refused refused = refused(counter.spend(List.of(calls("a", 2)), NOW));
      assertThat(refused.code()).isEqualTo(ErrorCode.QUOTA_EXHAUSTED);
      assertThat(refused.used()).isEqualTo(2);
      assertThat(counter.used()).isEqualTo(2);
    }
  }

  @Test
  void aRefusedChainSpendsNothingOfAnyBlock() throws Exception {
    try (LocalCounter counter = open(8)) {
      List<Block> chain = List.of(calls("root", 10), calls("root/leaf", 1));
      assertThat(((Admitted) counter.spend(chain, NOW)).remaining()).isZero();
      assertThat(refused(counter.spend(chain, NOW)).code()).isEqualTo(ErrorCode.QUOTA_EXHAUSTED);
      assertThat(
              ((Admitted) counter.spend(List.of(calls("root", 10)), NOW))
                  .counted()
                  .getFirst()
                  .used())
          .isEqualTo(2);
    }
  }

  @Test
  void childrenTogetherSpendNoMoreThanTheirParent() throws Exception {
    // Given twenty children who may make ten calls each, under a parent who may make a hundred
    int admitted = 0;
    try (LocalCounter counter = open(64)) {
      // When
      for (int round = 0; round < 11; round++) {
        for (int child = 0; child < 20; child++) {
          List<Block> chain = List.of(calls("root", 100), calls("root/" + child, 10));
          admitted += counter.spend(chain, NOW) instanceof Admitted ? 1 : 0;
        }
      }
    }
    // Then
    assertThat(admitted).isEqualTo(100);
  }

  @Test
  void aWindowOpensAgainByTheClockButNotByAClockThatGoesBack() throws Exception {
    Block rate = new Block("a", "a", null, new Block.Window(1, 60), null);
    long start = NOW - NOW % 60;
    try (LocalCounter counter = open(8)) {
      assertThat(counter.spend(List.of(rate), start + 5)).isInstanceOf(Admitted.class);
      Refused refused = refused(counter.spend(List.of(rate), start + 59));
      assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED);
      assertThat(refused.resetAt()).isEqualTo(start + 60);
      assertThat(counter.spend(List.of(rate), start + 60)).isInstanceOf(Admitted.class);
      assertThat(counter.spend(List.of(rate), start + 5)).isInstanceOf(Refused.class);
    }
    try (LocalCounter counter = open(8)) {
      assertThat(counter.spend(List.of(rate), start + 61))
          .as("after a restart")
          .isInstanceOf(Refused.class);
    }
  }

  @Test
  void aPlaceIsHeldUntilItIsLeftAndLeftOnce() throws Exception {
    Block two = new Block("a", "a", null, null, 2);
    try (LocalCounter counter = open(8)) {
      Admitted first = (Admitted) counter.spend(List.of(two), NOW);
      counter.spend(List.of(two), NOW);
      assertThat(refused(counter.spend(List.of(two), NOW)).code())
          .isEqualTo(ErrorCode.TOO_MANY_CONCURRENT);
      first.place().leave();
      first.place().leave();
      assertThat(counter.spend(List.of(two), NOW)).isInstanceOf(Admitted.class);
      assertThat(counter.spend(List.of(two), NOW)).isInstanceOf(Refused.class);
    }
  }

  @Test
  void aFileThatIsFullRefusesNewPathsAndServesTheOld() throws Exception {
    try (LocalCounter counter = open(1)) {
      counter.spend(List.of(calls("a", 5)), NOW);
      assertThat(refused(counter.spend(List.of(calls("b", 5)), NOW)).code())
          .isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
      assertThat(counter.spend(List.of(calls("a", 5)), NOW)).isInstanceOf(Admitted.class);
    }
  }

  @Test
  void countersThatAreMissingShortOrForeignAreNotStartedFromZero() throws Exception {
    Path file = directory.resolve("counters");
    assertThatThrownBy(() -> LocalCounter.open(file, false)).hasMessageContaining("it is missing");
    open(8).close();
    byte[] whole = Files.readAllBytes(file);
    for (byte[] bad :
        List.of(
            new byte[0],
            new byte[576],
            java.util.Arrays.copyOf(whole, whole.length - 1),
            java.util.Arrays.copyOf(whole, whole.length + 1))) {
      Files.write(file, bad);
      assertThatThrownBy(() -> LocalCounter.open(file, false))
          .hasMessageContaining("it is damaged");
    }
  }

  @Test
  void countersThatAFileSystemLeftAsZerosAreNotStartedFromZero() throws Exception {
    Path file = directory.resolve("counters");
    try (LocalCounter counter = open(8)) {
      counter.spend(List.of(calls("a", 5)), NOW);
      counter.spend(List.of(calls("b", 5)), NOW);
    }
    byte[] whole = Files.readAllBytes(file);
    for (int slot = 0; slot < 2; slot++) {
      byte[] bad = whole.clone();
      java.util.Arrays.fill(bad, 64 + slot * 64, 128 + slot * 64, (byte) 0);
      Files.write(file, bad);
      assertThatThrownBy(() -> LocalCounter.open(file, false)).hasMessageContaining("are gone");
    }
    Files.write(file, whole);
    LocalCounter.open(file, false).close();
  }
}
