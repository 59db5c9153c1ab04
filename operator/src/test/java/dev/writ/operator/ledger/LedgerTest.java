package dev.writ.operator.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.MalformedException;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceAnswer.WindowState;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.contract.quota.AllowanceRequest.Rate;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final String ROOT = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String CHILD = ROOT + "/2f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b12";
  private static final String SIBLING = ROOT + "/3f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b13";
  private static final String A = "aaaaaaaaaaaaaaaa";
  private static final String B = "bbbbbbbbbbbbbbbb";
  private static final String POD_A = "pod-a";
  private static final String POD_B = "pod-b";

  private Anchor anchor = Anchor.EMPTY;
  private LedgerState entry = LedgerState.EMPTY;
  private RootLimit root = new RootLimit(1, 10L);
  private RateWindows windows = new RateWindows("leader-1");
  private int replicas = 1;

  private static Item item(String path, long need, long returned, long spent) {
    return new Item(path, 10, need, returned, spent, true);
  }

  private Ask ask(String boot, Item... items) {
    String pod = boot.equals(A) ? POD_A : POD_B;
    return new Ask(boot, pod, replicas, List.of(items), List.of(), List.of(), null);
  }

  private Step decide(Ask ask) {
    return Ledger.ask(anchor, entry, root, windows, 1_000_000, ask);
  }

  /** Carries a step out, as the wiring does. */
  private Step.Reply run(Step step) {
    return switch (step) {
      case Step.Write write -> {
        entry = write.next();
        if (write.change() != null) {
          anchor = anchor.appended(entry);
        }
        yield write.reply();
      }
      case Step.Unchanged unchanged -> {
        entry = entry.withSpent(unchanged.heard());
        yield unchanged.reply();
      }
      case Step.Append _, Step.Behind _, Step.Closed _ ->
          throw new AssertionError("not expected: " + step);
    };
  }

  private void holds(String boot, long granted, long spent) {
    run(decide(ask(boot, item(ROOT, granted, 0, 0))));
    run(decide(ask(boot, item(ROOT, granted, 0, spent))));
  }

  private long granted(Step.Reply reply, String path) {
    return reply.items().stream()
        .filter(item -> item.path().equals(path))
        .mapToLong(AllowanceAnswer.Item::granted)
        .findFirst()
        .orElse(-1);
  }

  private static Settled settled(String boot, String counter, long spent) {
    try {
      return new Settled(boot, List.of(new Counter(CounterName.parse(counter), spent)));
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private Ask settles(String boot, Settled... settled) {
    return new Ask(
        boot, boot.equals(A) ? POD_A : POD_B, 1, List.of(), List.of(), List.of(settled), null);
  }

  @Test
  void nothingIsGrantedOfNothing() {
    assertThat(Grants.share(0, 5, 1)).isZero();
    assertThat(Grants.share(-3, 5, 1)).isZero();
    assertThat(Grants.share(5, 0, 1)).isZero();
  }

  @Test
  void grantsShrinkToSingleCallsNearTheEnd() {
    assertThat(Grants.share(1000, 20, 3)).isEqualTo(20);
    assertThat(Grants.share(100, 50, 3)).isEqualTo(17);
    assertThat(Grants.share(6, 50, 3)).isEqualTo(1);
    assertThat(Grants.share(1, 50, 3)).isEqualTo(1);
    assertThat(Grants.share(Long.MAX_VALUE, 50, 3)).isEqualTo(50);
  }

  @Test
  void aBootThatEndedBeforeAnythingWasCountedOpensNoRowLater() {
    // Given: another leader is about to grant, and this one has not seen it
    LedgerState before = entry;
    Step late = decide(ask(A, item(ROOT, 1, 0, 0)));

    // When
    Step settles = decide(settles(A, settled(A, ROOT, 0)));

    // Then: a write, so that of the two one is decided again; and then it is refused
    assertThat(settles).isInstanceOf(Step.Write.class);
    assertThat(late).isInstanceOf(Step.Write.class);
    run(settles);
    assertThat(entry).isNotEqualTo(before);
    assertThat(decide(ask(A, item(ROOT, 1, 0, 0)))).isInstanceOf(Step.Closed.class);
    assertThat(granted(run(decide(ask(B, item(ROOT, 1, 0, 0)))), ROOT)).isEqualTo(1);
  }

  @Test
  void theSameRequestTwiceIsGrantedOnce() {
    // Given
    Ask ask = ask(A, item(ROOT, 4, 0, 0));
    run(decide(ask));

    // When
    Step again = decide(ask);

    // Then
    assertThat(again).isInstanceOf(Step.Unchanged.class);
    assertThat(granted(run(again), ROOT)).isEqualTo(4);
  }

  @Test
  void whatIsOutNeverExceedsTheLimit() {
    // Given
    run(decide(ask(A, item(ROOT, 100, 0, 0))));
    run(decide(ask(A, item(ROOT, 100, 0, 0))));
    run(decide(ask(A, item(ROOT, 100, 0, 0))));
    run(decide(ask(A, item(ROOT, 100, 0, 0))));

    // When
    Step.Reply reply = run(decide(ask(B, item(ROOT, 5, 0, 0))));

    // Then
    assertThat(granted(reply, ROOT)).isZero();
    assertThat(reply.recall()).containsExactly(POD_A);
    assertThat(entry.entry(ROOT).remaining()).isZero();
    assertThat(reply.items().getFirst().exhausted()).isFalse();
  }

  @Test
  void finalIsOnlySaidWhenAllIsSpent() {
    // Given
    root = new RootLimit(1, 1L);
    run(decide(ask(A, item(ROOT, 1, 0, 0))));

    // When
    Step.Reply before = run(decide(ask(B, item(ROOT, 1, 0, 0))));
    holds(A, 1, 1);
    Step.Reply after = run(decide(ask(B, item(ROOT, 1, 0, 0))));

    // Then
    assertThat(before.items().getFirst().exhausted()).isFalse();
    assertThat(after.items().getFirst().exhausted()).isTrue();
    assertThat(after.items().getFirst().others()).isEqualTo(1);
    assertThat(after.recall()).isEmpty();
  }

  @Test
  void theLastSpentCallIsWrittenThoughNothingIsGranted() {
    // Given
    run(decide(ask(A, item(ROOT, 2, 0, 0))));

    // When
    Step some = decide(ask(A, item(ROOT, 2, 0, 1)));
    Step all = decide(ask(A, item(ROOT, 2, 0, 2)));

    // Then
    assertThat(some).isInstanceOf(Step.Unchanged.class);
    assertThat(all)
        .isInstanceOfSatisfying(Step.Write.class, write -> assertThat(write.change()).isNull());
  }

  @Test
  void aChainIsGrantedWholeOrNotAtAll() {
    // Given: the child's calls are all at gate A
    Item parent = new Item(ROOT, 10, 1, 0, 0, false);
    run(decide(ask(A, new Item(ROOT, 10, 1, 0, 0, false), new Item(CHILD, 1, 1, 0, 0, true))));

    // When
    Step.Reply reply = run(decide(ask(B, parent, new Item(CHILD, 1, 1, 0, 0, true))));

    // Then
    assertThat(granted(reply, ROOT)).isZero();
    assertThat(granted(reply, CHILD)).isZero();
    assertThat(reply.recall()).containsExactly(POD_A);
  }

  @Test
  void anotherChainThroughTheSameParentIsGranted() {
    // Given
    Item parent = new Item(ROOT, 10, 1, 0, 0, false);
    run(decide(ask(A, parent, new Item(CHILD, 1, 1, 0, 0, true))));

    // When
    Step.Reply reply =
        run(
            decide(
                ask(
                    B,
                    parent,
                    new Item(CHILD, 1, 1, 0, 0, true),
                    new Item(SIBLING, 1, 1, 0, 0, true))));

    // Then
    assertThat(granted(reply, ROOT)).isEqualTo(1);
    assertThat(granted(reply, CHILD)).isZero();
    assertThat(granted(reply, SIBLING)).isEqualTo(1);
  }

  @Test
  void theLimitOfADelegationIsTheSmallestEverPresented() {
    // Given
    run(decide(ask(A, new Item(CHILD, 5, 1, 0, 0, true))));
    run(decide(ask(A, new Item(CHILD, 3, 1, 0, 0, true))));

    // When
    run(decide(ask(A, new Item(CHILD, 9, 1, 0, 0, true))));

    // Then
    assertThat(entry.entry(CHILD).limit()).isEqualTo(3);
  }

  @Test
  void aStaleCapabilityDoesNotChangeTheLimit() {
    // Given
    run(decide(ask(A, item(ROOT, 1, 0, 0))));
    root = new RootLimit(2, 1L);
    run(Ledger.limit(anchor, entry, root));

    // When
    root = new RootLimit(1, 10L);
    Step.Reply reply = run(decide(ask(B, item(ROOT, 5, 0, 0))));

    // Then
    assertThat(entry.entry(ROOT).limit()).isEqualTo(1);
    assertThat(granted(reply, ROOT)).isZero();
  }

  @Test
  void loweringBelowWhatIsOutRecallsAndGrantsNothing() {
    // Given
    holds(A, 5, 1);

    // When
    Step.Reply reply = run(Ledger.limit(anchor, entry, new RootLimit(2, 2L)));

    // Then
    assertThat(reply.recall()).containsExactly(POD_A);
    assertThat(entry.entry(ROOT).remaining()).isEqualTo(-3);
    assertThat(granted(run(decide(ask(A, item(ROOT, 9, 4, 1)))), ROOT)).isEqualTo(6);
    assertThat(entry.entry(ROOT).remaining()).isZero();
  }

  @Test
  void settlingCountsWhatWasSpentAndClosesTheBoot() {
    // Given
    holds(A, 5, 2);

    // When
    Step.Reply reply =
        run(
            decide(
                new Ask(
                    "cccccccccccccccc",
                    POD_A,
                    1,
                    List.of(),
                    List.of(),
                    List.of(settled(A, ROOT, 3)),
                    null)));

    // Then
    assertThat(reply.closed()).containsExactly(A);
    assertThat(entry.entry(ROOT).used()).isEqualTo(3);
    assertThat(entry.entry(ROOT).stranded()).isZero();
    assertThat(entry.entry(ROOT).remaining()).isEqualTo(7);
    assertThat(decide(ask(A, item(ROOT, 6, 0, 3)))).isInstanceOf(Step.Closed.class);
  }

  @Test
  void settlingTwiceCountsOnce() {
    // Given
    holds(A, 5, 2);
    run(decide(settles(A, settled(A, ROOT, 3))));

    // When
    Step.Reply again = run(decide(settles(A, settled(A, ROOT, 3))));

    // Then
    assertThat(again.closed()).containsExactly(A);
    assertThat(entry.entry(ROOT).used()).isEqualTo(3);
  }

  @Test
  void aParentIsSettledWithAllCountersAtAndBelowIt() throws MalformedException {
    // Given
    run(
        decide(
            ask(
                A,
                new Item(ROOT, 10, 6, 0, 0, true),
                new Item(CHILD, 3, 3, 0, 0, true),
                new Item(SIBLING, 3, 3, 0, 0, true))));
    Settled settled =
        new Settled(
            A,
            List.of(
                new Counter(CounterName.parse(ROOT), 1),
                new Counter(CounterName.parse(CHILD), 2),
                new Counter(CounterName.parse("~" + SIBLING), 1)));

    // When
    run(decide(settles(A, settled)));

    // Then
    assertThat(entry.entry(ROOT).used()).isEqualTo(3);
    assertThat(entry.entry(CHILD).used()).isEqualTo(2);
    assertThat(entry.entry(SIBLING).used()).isEqualTo(1);
  }

  @Test
  void aLostBootCountsAsFullyUsed() {
    // Given
    holds(A, 5, 2);

    // When
    run(
        decide(
            new Ask(
                "cccccccccccccccc",
                POD_A,
                1,
                List.of(),
                List.of(),
                List.of(),
                Set.of("cccccccccccccccc"))));

    // Then
    assertThat(entry.entry(ROOT).used()).isEqualTo(5);
    assertThat(entry.entry(ROOT).stranded()).isEqualTo(3);
  }

  @Test
  void nothingIsLostOfABootThatMayBeAliveOrOfAnotherPod() {
    // Given
    run(decide(ask(A, item(ROOT, 2, 0, 0))));
    run(decide(ask(B, item(ROOT, 2, 0, 0))));
    String c = "cccccccccccccccc";

    // When
    run(decide(new Ask(c, POD_A, 1, List.of(), List.of(), List.of(), Set.of(c, A))));

    // Then
    assertThat(entry.entry(ROOT).used()).isZero();
  }

  @Test
  void aBootIsNotSettledByAnotherPod() {
    // Given
    holds(A, 5, 2);

    // When
    Step step = decide(settles(B, settled(A, ROOT, 0)));

    // Then
    assertThat(step).isInstanceOf(Step.Closed.class);
  }

  @Test
  void aSweepCountsWhatAGonePodHeldAndForgetsItTheNextTime() {
    // Given
    holds(A, 5, 2);

    // When
    run(Ledger.sweep(anchor, entry, Set.of(POD_A)));
    Step late = decide(ask(A, item(ROOT, 9, 0, 2)));
    run(Ledger.sweep(anchor, entry, Set.of(POD_A)));

    // Then
    assertThat(late).isInstanceOf(Step.Closed.class);
    assertThat(entry.entry(ROOT).used()).isEqualTo(5);
    assertThat(entry.entry(ROOT).boots()).isEmpty();
    assertThat(anchor.standing(entry)).isEqualTo(Anchor.Standing.EQUAL);
  }

  @Test
  void anEntryOneChangeAheadIsLoggedFirst() {
    // Given
    run(decide(ask(A, item(ROOT, 2, 0, 0))));
    Step.Write unlogged = (Step.Write) decide(ask(B, item(ROOT, 2, 0, 0)));
    entry = unlogged.next();

    // When
    Step step = decide(ask(A, item(ROOT, 4, 0, 1)));

    // Then
    assertThat(step)
        .isInstanceOfSatisfying(
            Step.Append.class,
            append -> {
              assertThat(append.change()).isEqualTo(unlogged.change());
              assertThat(anchor.replayed(append.change()).standing(entry))
                  .isEqualTo(Anchor.Standing.EQUAL);
            });
  }

  @Test
  void aRestoredEntryIsGrantedNothing() {
    // Given
    run(decide(ask(A, item(ROOT, 2, 0, 0))));
    LedgerState backup = entry;
    run(decide(ask(B, item(ROOT, 2, 0, 0))));

    // When
    entry = backup;

    // Then
    assertThat(decide(ask(A, item(ROOT, 4, 0, 2)))).isInstanceOf(Step.Behind.class);
    entry = LedgerState.EMPTY;
    assertThat(decide(ask(A, item(ROOT, 4, 0, 2)))).isInstanceOf(Step.Behind.class);
  }

  @Test
  void acceptingCountsAllThatTheLogSaysAsUsed() {
    // Given
    holds(A, 2, 1);
    LedgerState backup = entry;
    holds(B, 3, 1);
    entry = backup;

    // When
    Step.Write accepted = Ledger.accept(anchor, entry);
    entry = accepted.next();
    anchor = anchor.accepted(entry);

    // Then
    assertThat(entry.entry(ROOT).used()).isEqualTo(5);
    assertThat(decide(ask(A, item(ROOT, 4, 0, 1)))).isInstanceOf(Step.Closed.class);
    assertThat(granted(run(decide(ask("dddddddddddddddd", item(ROOT, 9, 0, 0)))), ROOT))
        .isEqualTo(3);
  }

  @Test
  void aGateThatHadMoreThanTheLedgerFreezesIt() {
    // Given: ledger and log were restored together, the gate was not
    run(decide(ask(A, item(ROOT, 2, 0, 0))));

    // When
    Step step = decide(ask(A, item(ROOT, 9, 1, 5)));

    // Then
    assertThat(step).isInstanceOf(Step.Behind.class);
    Anchor frozen = ((Step.Behind) step).anchor();
    assertThat(Ledger.ask(frozen, entry, root, windows, 0, ask(B, item(ROOT, 1, 0, 0))))
        .isInstanceOf(Step.Behind.class);
    assertThat(Ledger.accept(frozen, entry).next().entry(ROOT).used()).isEqualTo(6);
  }

  @Test
  void theLogAloneGivesTheStateBack() {
    // Given
    Anchor replayed = Anchor.EMPTY;
    List<Ask> asks =
        List.of(
            ask(A, item(ROOT, 4, 0, 0), new Item(CHILD, 3, 2, 0, 0, true)),
            ask(B, item(ROOT, 2, 0, 0)),
            ask(A, item(ROOT, 4, 1, 2), new Item(CHILD, 2, 2, 0, 1, true)),
            settles(B, settled(B, ROOT, 1)));

    // When
    for (Ask ask : asks) {
      Step step = decide(ask);
      if (step instanceof Step.Write write && write.change() != null) {
        replayed = replayed.replayed(write.change());
      }
      run(step);
    }

    // Then
    assertThat(replayed.standing(entry)).isEqualTo(Anchor.Standing.EQUAL);
    assertThat(replayed.logged().entry(ROOT).used()).isEqualTo(1);
  }

  @Test
  void aLedgerThatIsFullCountsNoFurtherDelegationAndGoesOn() {
    // Given
    root = new RootLimit(1, 10_000L);
    run(decide(ask(A, item(ROOT, 1, 0, 0))));
    for (int i = 0; i < Grants.MOST_ENTRIES - 1; i++) {
      String cid = String.format("00000000-0000-4000-8000-%012x", i);
      run(decide(ask(A, new Item(ROOT + "/" + cid, 1, 1, 0, 0, true))));
    }

    // When
    Step.Reply reply = run(decide(ask(A, item(ROOT, 3, 0, 0), new Item(CHILD, 1, 1, 0, 0, true))));

    // Then
    assertThat(granted(reply, CHILD)).isEqualTo(-1);
    assertThat(granted(reply, ROOT)).isEqualTo(3);
  }

  @Test
  void aBootThatNeverHadAnythingIsMarkedOnceWhenItIsSettled() {
    // Given
    run(decide(ask(A, item(ROOT, 1, 0, 0), new Item(CHILD, 1, 1, 0, 0, true))));

    // When
    run(decide(settles(B, settled(B, ROOT, 0))));

    // Then
    assertThat(decide(ask(B, item(ROOT, 1, 0, 0)))).isInstanceOf(Step.Closed.class);
    assertThat(entry.entries().stream().mapToLong(at -> at.boots().size()).sum()).isEqualTo(3);
  }

  @Test
  void aLogOfManyBootsIsReplayedIntoALedgerThatFits() {
    // Given
    root = new RootLimit(1, 1_000L);
    Anchor replayed = Anchor.EMPTY;
    for (int i = 0; i < 400; i++) {
      String boot = String.format("%016x", i);
      Ask asks = new Ask(boot, POD_A, 1, List.of(item(ROOT, 1, 0, 0)), List.of(), List.of(), null);
      Ask ends =
          new Ask(boot, POD_A, 1, List.of(), List.of(), List.of(settled(boot, ROOT, 1)), null);
      for (Ask ask : List.of(asks, ends)) {
        Step.Write write = (Step.Write) decide(ask);
        replayed = replayed.replayed(write.change());
        run(write);
      }
    }

    // When
    LedgerState logged = replayed.logged();

    // Then
    assertThat(logged.entry(ROOT).boots()).hasSize(PathEntry.MOST_CLOSED);
    assertThat(logged.entry(ROOT).used()).isEqualTo(400);
    assertThat(replayed.standing(entry)).isEqualTo(Anchor.Standing.EQUAL);
  }

  private Step rate(RateWindows at, long millis, String boot, long window, long need) {
    Rate rate = new Rate(ROOT, 10, 60, window, need);
    String pod = boot.equals(A) ? POD_A : POD_B;
    Ask ask = new Ask(boot, pod, 1, List.of(), List.of(rate), List.of(), null);
    return Ledger.ask(anchor, entry, root, at, millis, ask);
  }

  @Test
  void aWindowIsClaimedBeforeItsFirstGrantAndHoldsNoMoreThanItsCalls() {
    // When
    Step first = rate(windows, 61_500, A, 0, 100);
    Step.Reply a = run(first);
    Step.Reply b = run(rate(windows, 62_000, B, 60, 100));
    Step.Reply again = run(rate(windows, 62_000, B, 60, 100));

    // Then
    assertThat(first).isInstanceOf(Step.Write.class);
    assertThat(entry.claim(60)).isEqualTo(new RateClaim(60, 60, "leader-1"));
    assertThat(a.rates().getFirst())
        .isEqualTo(new AllowanceAnswer.Rate(ROOT, 60, 5, 58_500, WindowState.OPEN));
    assertThat(b.rates().getFirst().granted()).isEqualTo(3);
    assertThat(again.rates().getFirst().granted()).isEqualTo(4);
  }

  @Test
  void aWindowThatAnotherLeaderClaimedIsNotServed() {
    // Given
    run(rate(windows, 61_500, A, 0, 100));
    RateWindows other = new RateWindows("leader-2");

    // When
    Step.Reply same = run(rate(other, 62_000, B, 0, 1));
    Step.Reply behind = run(rate(other, 59_000, B, 0, 1));
    Step.Reply next = run(rate(other, 120_000, B, 0, 1));

    // Then
    assertThat(same.rates().getFirst().state()).isEqualTo(WindowState.CLAIMED);
    assertThat(behind.rates().getFirst().state()).isEqualTo(WindowState.CLAIMED);
    assertThat(next.rates().getFirst().granted()).isEqualTo(1);
  }

  @Test
  void aClockThatGoesBackOpensNoWindowAgain() {
    // Given
    run(rate(windows, 119_000, A, 0, 10));
    run(rate(windows, 121_000, A, 0, 1));

    // When
    Step.Reply back = run(rate(windows, 119_500, B, 0, 100));

    // Then
    assertThat(back.rates().getFirst().window()).isEqualTo(120);
  }
}
