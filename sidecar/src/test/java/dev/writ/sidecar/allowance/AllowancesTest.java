package dev.writ.sidecar.allowance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.sidecar.count.Admission;
import dev.writ.sidecar.count.Admission.Admitted;
import dev.writ.sidecar.count.Admission.Refused;
import dev.writ.sidecar.count.Block;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllowancesTest {
  private static final String ROOT = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String KID = "2f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b12";
  private static final String CHILD = ROOT + "/" + KID;
  private static final String BOOT = "aaaaaaaaaaaaaaaa";
  private static final List<Block> PARENT = List.of(new Block(ROOT, ROOT, 10L, null, null));
  private static final List<Block> BOTH =
      List.of(new Block(ROOT, ROOT, 10L, null, null), new Block(CHILD, KID, 5L, null, null));

  private final MemoryCounters counters = new MemoryCounters();
  private final Allowances allowances = new Allowances(BOOT, counters);
  private long now = 1_000;

  private Admission spend(List<Block> blocks) {
    return allowances.spend(blocks, () -> now, 100);
  }

  private static ErrorCode code(Admission admission) {
    return admission instanceof Refused refused ? refused.code() : null;
  }

  private Ask due() {
    Ask ask = allowances.due(now);
    assertThat(ask).as("something to ask").isNotNull();
    return ask;
  }

  private static AllowanceAnswer.Item item(String path, long granted) {
    return new AllowanceAnswer.Item(path, granted, false, 10, 0);
  }

  private void answer(Ask ask, AllowanceAnswer.Item... items) {
    allowances.answered(ask, new AllowanceAnswer(List.of(items), List.of(), List.of()), now);
  }

  private void grant(long granted) {
    spend(PARENT);
    answer(due(), item(ROOT, granted));
  }

  @Test
  void nothingIsSpentBeforeItIsGranted() {
    // When
    Admission first = spend(PARENT);

    // Then
    assertThat(code(first)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    assertThat(counters.values).containsExactly(java.util.Map.entry(ROOT, 0L));
    assertThat(due().request().items())
        .containsExactly(new AllowanceRequest.Item(ROOT, 10, 1, 0, 0, true));
  }

  @Test
  void asManyCallsAsWereGrantedAreAdmitted() {
    // Given
    grant(3);

    // When
    long admitted = 0;
    while (spend(PARENT) instanceof Admitted) {
      admitted++;
    }

    // Then
    assertThat(admitted).isEqualTo(3);
    assertThat(counters.values).containsEntry(ROOT, 3L);
  }

  @Test
  void allBlocksAreSpentOrNone() {
    // Given
    spend(BOTH);
    answer(due(), item(ROOT, 3), item(CHILD, 0));

    // When
    Admission admission = spend(BOTH);

    // Then
    assertThat(code(admission)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    assertThat(counters.values).containsEntry(CHILD, 0L);
    assertThat(spend(PARENT)).isInstanceOf(Admitted.class);
  }

  @Test
  void oneCounterOfTheLeafIsRaisedAndCountsForItsAncestors() {
    // Given
    spend(BOTH);
    answer(due(), item(ROOT, 3), item(CHILD, 3));

    // When
    Admission admission = spend(BOTH);

    // Then
    assertThat(counters.values).containsOnlyKeys(CHILD).containsEntry(CHILD, 1L);
    assertThat(((Admitted) admission).counted())
        .extracting(Admission.Counted::cid, Admission.Counted::used)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(ROOT, 1L),
            org.assertj.core.groups.Tuple.tuple(KID, 1L));
  }

  @Test
  void aCounterThatWasNotRaisedAdmitsNothing() {
    // Given
    grant(3);
    counters.failing = true;

    // When
    Admission admission = spend(PARENT);

    // Then
    assertThat(code(admission)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
  }

  @Test
  void aFullFileAdmitsNothing() {
    // Given
    counters.room = 0;

    // When
    Admission admission = spend(PARENT);

    // Then
    assertThat(code(admission)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    assertThat(allowances.due(now)).isNull();
  }

  @Test
  void anAnswerThatComesLateOrTwiceGivesNothingMore() {
    // Given
    spend(PARENT);
    Ask ask = due();
    answer(ask, item(ROOT, 4));
    now += 6_000;
    Ask returning = due();
    answer(returning, item(ROOT, 4));

    // When
    answer(ask, item(ROOT, 4));

    // Then
    assertThat(returning.request().items().getFirst().returned()).isEqualTo(4);
    assertThat(code(spend(PARENT))).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
  }

  @Test
  void whatIsGivenBackIsSaidUntilItIsConfirmed() {
    // Given
    grant(4);
    now += 6_000;
    Ask lost = due();
    allowances.failed(lost, now);

    // When
    now += 3_000;
    Ask again = due();
    answer(again, item(ROOT, 4));

    // Then
    assertThat(again.request().items().getFirst().returned()).isEqualTo(4);
    now += 3_000;
    assertThat(allowances.due(now)).isNull();
  }

  @Test
  void aYoungGrantOutlivesARecallAndIsThenGivenBack() {
    // Given
    grant(4);
    allowances.recall(ROOT);

    // When
    now += 900;
    Ask early = allowances.due(now);
    now += 700;
    Ask late = due();

    // Then
    assertThat(early).isNull();
    assertThat(late.request().items().getFirst().returned()).isEqualTo(4);
    assertThat(code(spend(PARENT))).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
  }

  @Test
  void aRecallWithNothingToGiveBackTellsTheTotalsAgain() {
    // Given: a leader that is gone was told
    grant(2);
    spend(PARENT);
    spend(PARENT);
    spend(PARENT);
    answer(due(), item(ROOT, 2));

    // When
    allowances.recall(ROOT);

    // Then
    now += 1_000;
    assertThat(due().request().items().getFirst().spent()).isEqualTo(2);
  }

  @Test
  void itIsRefilledAtHalfOfTwoSeconds() {
    // Given
    grant(100);
    for (int i = 0; i < 79; i++) {
      spend(PARENT);
    }

    // When
    AllowanceRequest.Item item = due().request().items().getFirst();

    // Then: 80 attempts in two seconds, 79 of them spent
    assertThat(item.need()).isEqualTo(79 + 80);
  }

  @Test
  void nothingIsFetchedAheadWhenTheLastGrantWasOne() {
    // Given
    grant(1);

    // When
    spend(PARENT);

    // Then
    assertThat(allowances.due(now)).isNull();
    spend(PARENT);
    assertThat(due()).isNotNull();
  }

  @Test
  void exhaustedIsFinalUntilTheLedgerSaysOtherwise() {
    // Given
    spend(PARENT);
    answer(due(), new AllowanceAnswer.Item(ROOT, 0, true, 10, 10));

    // When
    Refused refused = (Refused) spend(PARENT);

    // Then
    assertThat(refused).isEqualTo(new Refused(ErrorCode.QUOTA_EXHAUSTED, 10L, 10L, null));
    now += 1_000;
    answer(due(), new AllowanceAnswer.Item(ROOT, 1, false, 12, 10));
    assertThat(spend(PARENT)).isInstanceOf(Admitted.class);
  }

  @Test
  void anOldAnswerDoesNotOpenWhatIsFinal() {
    // Given
    spend(PARENT);
    Ask old = due();
    allowances.failed(old, now);
    now += 1_000;
    answer(due(), new AllowanceAnswer.Item(ROOT, 0, true, 10, 10));

    // When
    answer(old, item(ROOT, 0));

    // Then
    assertThat(code(spend(PARENT))).isEqualTo(ErrorCode.QUOTA_EXHAUSTED);
  }

  @Test
  void oneRequestIsUnderWayAtATime() {
    // Given
    spend(PARENT);
    Ask ask = due();

    // When, Then
    assertThat(allowances.due(now + 60_000)).isNull();
    allowances.failed(ask, now);
    assertThat(allowances.due(now)).isNull();
    assertThat(allowances.due(now + 100)).isNotNull();
  }

  @Test
  void stoppingSettlesEveryCounterAndAdmitsNothingMore() {
    // Given
    grant(4);
    spend(PARENT);
    spend(BOTH);

    // When
    allowances.stop();

    // Then
    assertThat(code(spend(PARENT))).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
    Ask ask = due();
    Settled settled = ask.request().closing().settled().getFirst();
    assertThat(settled.boot()).isEqualTo(BOOT);
    assertThat(settled.counters())
        .extracting(counter -> counter.name().text(), AllowanceRequest.Counter::spent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(ROOT, 1L),
            org.assertj.core.groups.Tuple.tuple(CHILD, 0L));
    assertThat(
            allowances.answered(ask, new AllowanceAnswer(List.of(), List.of(), List.of(BOOT)), now))
        .containsExactly(BOOT);
    assertThat(allowances.due(now)).isNull();
  }

  @Test
  void predecessorsAreNamedUntilTheyAreConfirmed() {
    // Given
    String dead = "bbbbbbbbbbbbbbbb";
    allowances.predecessors(List.of(new Settled(dead, List.of())), List.of(BOOT, dead), now);
    Ask first = due();
    allowances.failed(first, now);
    now += 1_000;

    // When
    Ask second = due();
    List<String> none =
        allowances.answered(second, new AllowanceAnswer(List.of(), List.of(), List.of()), now);
    Ask third = due();
    List<String> done =
        allowances.answered(third, new AllowanceAnswer(List.of(), List.of(), List.of(dead)), now);

    // Then
    assertThat(second.request().closing()).isEqualTo(first.request().closing());
    assertThat(none).isEmpty();
    assertThat(third.request().closing().known()).isNull();
    assertThat(done).containsExactly(dead);
    assertThat(allowances.due(now)).isNull();
  }

  @Test
  void aLimitThatIsAddedCountsFromThen() {
    // Given
    List<Block> before =
        List.of(new Block(ROOT, ROOT, null, null, null), new Block(CHILD, KID, 5L, null, null));
    spend(before);
    answer(due(), item(CHILD, 2));
    spend(before);

    // When
    spend(BOTH);

    // Then
    assertThat(counters.values).containsOnlyKeys("~" + CHILD, CHILD);
    now += 1_000;
    assertThat(due().request().items())
        .filteredOn(item -> item.path().equals(ROOT))
        .extracting(AllowanceRequest.Item::spent)
        .containsExactly(0L);
  }

  @Test
  void whichBootsAreKnownIsNotSaidOnceThatIsOld() {
    // Given
    allowances.predecessors(List.of(), List.of(BOOT), now);

    // When
    now += 2_001;

    // Then
    assertThat(allowances.due(now)).isNull();
  }

  private static final List<Block> RATED =
      List.of(new Block(ROOT, ROOT, null, new Block.Window(3, 60), null));

  private void rate(Ask ask, long window, long granted, long remaining, WindowState state) {
    allowances.answered(
        ask,
        new AllowanceAnswer(
            List.of(),
            List.of(new AllowanceAnswer.Rate(ROOT, window, granted, remaining, state)),
            List.of()),
        now);
  }

  @Test
  void aRightToAWindowEndsWhereItEndedWhenItWasAskedFor() {
    // Given
    spend(RATED);
    Ask ask = due();
    now += 400;
    rate(ask, 60, 2, 500, WindowState.OPEN);

    // When
    Admission inTime = spend(RATED);
    now += 100;
    Admission late = spend(RATED);

    // Then
    assertThat(inTime).isInstanceOf(Admitted.class);
    assertThat(code(late)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
  }

  @Test
  void theClockIsReadAfterTheDebitOfARate() {
    // Given
    spend(RATED);
    rate(due(), 60, 2, 500, WindowState.OPEN);
    long[] clock = {now, now + 500};
    int[] reads = {0};

    // When
    Admission admission = allowances.spend(RATED, () -> clock[reads[0]++], 100);

    // Then
    assertThat(code(admission)).isEqualTo(ErrorCode.QUOTA_UNAVAILABLE);
  }

  @Test
  void aFullWindowIsRateLimitedUntilItEnds() {
    // Given
    spend(RATED);
    rate(due(), 60, 1, 5_500, WindowState.FULL);
    spend(RATED);

    // When
    Refused refused = (Refused) spend(RATED);

    // Then
    assertThat(refused).isEqualTo(new Refused(ErrorCode.RATE_LIMITED, 3L, 3L, 106L));
    assertThat(allowances.due(now)).isNull();
  }

  @Test
  void unspentRightsDieWithTheirWindow() {
    // Given
    spend(RATED);
    Ask old = due();
    rate(old, 60, 2, 500, WindowState.OPEN);
    now += 600;
    spend(RATED);
    rate(due(), 120, 1, 60_000, WindowState.OPEN);

    // When
    rate(old, 60, 2, 500_000, WindowState.OPEN);

    // Then
    assertThat(spend(RATED)).isInstanceOf(Admitted.class);
    assertThat(spend(RATED)).isInstanceOf(Refused.class);
  }

  @Test
  void aCallHoldsItsPlaceUntilItEnds() {
    // Given
    List<Block> two = List.of(new Block(ROOT, ROOT, null, null, 2));
    Admitted first = (Admitted) spend(two);
    spend(two);

    // When
    Admission third = spend(two);
    first.place().leave();
    first.place().leave();

    // Then
    assertThat(code(third)).isEqualTo(ErrorCode.TOO_MANY_CONCURRENT);
    assertThat(spend(two)).isInstanceOf(Admitted.class);
    assertThat(spend(two)).isInstanceOf(Refused.class);
  }
}
