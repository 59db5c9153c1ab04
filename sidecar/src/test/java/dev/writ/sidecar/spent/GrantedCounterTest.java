package dev.writ.sidecar.spent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.sidecar.allowance.Ask;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantedCounterTest {
  private static final String POD = "6f6ff6e5-63a5-4b40-9d1d-6a0c0a1f5b11";
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String KERNEL = "one-kernel-boot";
  private static final long WALL = 1_795_000_000;

  @TempDir Path directory;
  private long millis = 1_000_000;
  private final AtomicInteger woken = new AtomicInteger();
  private final AtomicInteger restarts = new AtomicInteger();
  private SpentDirectory files;
  private GrantedCounter counter;

  @BeforeEach
  void start() throws IOException {
    begin("00000000000000a1");
    // The report of what came before.
    Ask ask = counter.due();
    counter.answered(ask, grant(ask, 0));
  }

  private void begin(String boot) throws IOException {
    files = SpentDirectory.open(directory, new Origin(boot, POD, KERNEL), 4);
    counter = new GrantedCounter(files, boot, () -> millis);
    counter.link(woken::incrementAndGet, restarts::incrementAndGet);
  }

  @AfterEach
  void stop() throws IOException {
    files.close();
  }

  private static List<Block> blocks(Integer concurrent) {
    return List.of(new Block(CID, CID, 10L, null, concurrent));
  }

  private Admission spend() {
    return counter.spend(blocks(null), WALL + millis / 1_000);
  }

  private static AllowanceAnswer grant(Ask ask, long granted) {
    return new AllowanceAnswer(
        ask.request().items().stream()
            .map(item -> new AllowanceAnswer.Item(item.path(), granted, false, 10, 0))
            .toList(),
        List.of(),
        ask.request().closing() == null
            ? List.of()
            : ask.request().closing().settled().stream()
                .map(AllowanceRequest.Settled::boot)
                .toList());
  }

  private void granted(long total) {
    spend();
    Ask ask = counter.due();
    counter.answered(ask, grant(ask, total));
  }

  @Test
  void theFirstCallWakesTheLinkAndIsTriedAgainWhenTheAnswerCame() {
    // Given
    assertThat(((Admission.Refused) spend()).code()).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    assertThat(woken).hasValue(1);
    List<Admission> again = new ArrayList<>();
    assertThat(counter.later(() -> again.add(spend()))).isTrue();
    // When
    Ask ask = counter.due();
    counter.answered(ask, grant(ask, 1));
    // Then
    assertThat(again).singleElement().isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void nobodyWaitsForAnOperatorThatIsAway() {
    // Given
    spend();
    counter.failed(counter.due());
    // When, Then
    assertThat(counter.later(() -> {})).isFalse();
  }

  @Test
  void noMoreIsSpentThanWasGranted() {
    // Given
    granted(3);
    // When
    long admitted = 0;
    for (int i = 0; i < 10; i++) {
      admitted += spend() instanceof Admission.Admitted ? 1 : 0;
    }
    // Then
    assertThat(admitted).isEqualTo(3);
  }

  @Test
  void theNextBootReportsWhatThisOneSpent() throws IOException {
    // Given
    granted(3);
    spend();
    spend();
    files.close();
    // When
    begin("00000000000000a2");
    // Then
    AllowanceRequest.Closing closing = counter.due().request().closing();
    assertThat(closing.known()).containsExactlyInAnyOrder("00000000000000a1", "00000000000000a2");
    assertThat(closing.settled())
        .singleElement()
        .satisfies(
            settled -> {
              assertThat(settled.boot()).isEqualTo("00000000000000a1");
              assertThat(settled.counters())
                  .singleElement()
                  .satisfies(
                      one -> {
                        assertThat(one.name().text()).isEqualTo(CID);
                        assertThat(one.spent()).isEqualTo(2);
                      });
            });
  }

  @Test
  void aSettledPredecessorLeavesNothingBehind() throws IOException {
    // Given
    granted(3);
    files.close();
    begin("00000000000000a2");
    assertThat(counter.unsettled()).isEqualTo(1);
    // When
    Ask ask = counter.due();
    counter.answered(ask, grant(ask, 0));
    // Then
    assertThat(counter.unsettled()).isZero();
    assertThat(directory.resolve("00000000000000a1.spent")).doesNotExist();
  }

  @Test
  void aStoppedOneAdmitsNothingAndSettlesItself() {
    // Given
    granted(3);
    spend();
    // When
    counter.stop();
    // Then
    assertThat(spend()).isInstanceOf(Admission.Refused.class);
    Ask ask = counter.due();
    assertThat(ask.request().closing().settled().getFirst().boot()).isEqualTo("00000000000000a1");
    counter.answered(ask, grant(ask, 3));
    assertThat(counter.settled()).isTrue();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void afterAClockJumpNothingIsSpentAndTheCountersAreLost() throws IOException {
    // Given
    granted(3);
    assertThat(spend()).isInstanceOf(Admission.Admitted.class);
    // When
    Admission admission = counter.spend(blocks(null), WALL + millis / 1_000 + 6);
    // Then
    assertThat(admission).isInstanceOf(Admission.Refused.class);
    assertThat(restarts).hasValue(1);
    assertThat(spend()).isInstanceOf(Admission.Refused.class);
    assertThat(restarts).hasValue(1);
    files.close();
    begin("00000000000000a2");
    assertThat(counter.due().request().closing().known()).containsExactly("00000000000000a2");
  }

  @Test
  void aSettledBootRestartsOnce() {
    // Given
    granted(3);
    // When
    counter.closed();
    // Then
    assertThat(restarts).hasValue(1);
    assertThat(spend()).isInstanceOf(Admission.Refused.class);
    assertThat(counter.due()).isNull();
  }

  @Test
  void aPlaceIsHeldUntilItIsLeft() {
    // Given
    granted(3);
    Admission.Admitted first = (Admission.Admitted) counter.spend(blocks(1), WALL + millis / 1_000);
    // When, Then
    assertThat(((Admission.Refused) counter.spend(blocks(1), WALL + millis / 1_000)).code())
        .isEqualTo(ErrorCode.TOO_MANY_CONCURRENT);
    first.place().leave();
    first.place().leave();
    assertThat(counter.spend(blocks(1), WALL + millis / 1_000))
        .isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void moreChainsThanTheFileHoldsAreRefused() {
    // Given
    for (int i = 0; i < 4; i++) {
      String cid = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b2" + i;
      counter.spend(List.of(new Block(cid, cid, 10L, null, null)), WALL + millis / 1_000);
    }
    // When
    Admission admission = spend();
    // Then
    assertThat(((Admission.Refused) admission).code()).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    assertThat(counter.used()).isEqualTo(4);
  }
}
