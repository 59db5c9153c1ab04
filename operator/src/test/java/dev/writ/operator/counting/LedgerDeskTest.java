package dev.writ.operator.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Limits;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.contract.quota.AllowanceRequest.Closing;
import dev.writ.contract.quota.AllowanceRequest.Counter;
import dev.writ.contract.quota.AllowanceRequest.Item;
import dev.writ.contract.quota.AllowanceRequest.Settled;
import dev.writ.contract.quota.CounterName;
import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.counting.FakeLedgers.Fails;
import dev.writ.operator.issue.Program;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.ledger.LedgerState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerDeskTest {
  private static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
  private static final String A1 = "00000000000000a1";
  private static final String A2 = "00000000000000a2";
  private static final String B1 = "00000000000000b1";
  private static final InjectedPod POD_A = pod("a");
  private static final InjectedPod POD_B = pod("b");

  private final FakeLedgers cluster = new FakeLedgers();
  private final Programs programs = new Programs();
  private final List<String> recalled = new ArrayList<>();
  private final List<String> changed = new ArrayList<>();
  private boolean guards = true;
  private LedgerDesk desk;

  private static InjectedPod pod(String name) {
    return new InjectedPod(
        "bank",
        name,
        "00000000-0000-4000-8000-00000000000" + name,
        "ledger",
        Map.of(),
        List.of(),
        null,
        false,
        false);
  }

  @BeforeEach
  void setUp() {
    edit(1, 10L);
    desk = start("leader-1");
  }

  private LedgerDesk start(String leader) {
    Gates gates =
        new Gates() {
          @Override
          public boolean guards(InjectedPod pod, Terms terms) {
            return guards;
          }

          @Override
          public int replicas(Terms terms) {
            return 1;
          }
        };
    return new LedgerDesk(
        new LedgerDesk.Parts(
            cluster,
            cluster,
            programs,
            gates,
            Clock.fixed(Instant.parse("2026-11-22T00:00:00Z"), ZoneOffset.UTC),
            leader,
            (uid, cid) -> recalled.add(uid),
            changed::add,
            cause -> {}));
  }

  private Terms edit(long generation, Long calls) {
    Terms terms =
        new Terms(
            new Terms.Subject("bank", "c", CID, generation, 0),
            SpiffeId.workload("cluster.local", "plan", "billing"),
            null,
            SpiffeId.service("cluster.local", "bank", "ledger"),
            null,
            List.of(),
            new Limits(calls, null, null),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Terms.Delegable.NO,
            true,
            false,
            false,
            false);
    programs.seen(CID, new Programs.Place("bank", "c"));
    programs.put(new Program(terms, true, 1));
    return terms;
  }

  private AllowanceAnswer ask(InjectedPod pod, String boot, long need, long returned, long spent)
      throws Exception {
    return desk.serve(
        pod,
        new AllowanceRequest(
            boot, List.of(new Item(CID, 10, need, returned, spent, true)), List.of(), null));
  }

  private long granted(InjectedPod pod, String boot, long need) throws Exception {
    return ask(pod, boot, need, 0, 0).items().getFirst().granted();
  }

  private static Settled settled(String boot, long spent) throws Exception {
    return new Settled(boot, List.of(new Counter(CounterName.parse(CID), spent)));
  }

  private AllowanceAnswer close(
      InjectedPod pod, String boot, List<Settled> ended, List<String> known) throws Exception {
    return desk.serve(
        pod, new AllowanceRequest(boot, List.of(), List.of(), new Closing(ended, known)));
  }

  @Test
  void whatIsAnsweredWasWrittenAndLoggedBefore() throws Exception {
    // When
    long granted = granted(POD_A, A1, 4);
    // Then
    assertThat(granted).isEqualTo(4);
    assertThat(cluster.happened).containsExactly("store", "log");
    assertThat(cluster.ledgers.get(CID).state().entry(CID).boot(A1).granted()).isEqualTo(4);
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(0, 4, 0, null));
    assertThat(changed).contains(CID);
  }

  @Test
  void theSameRequestAgainWritesNothing() throws Exception {
    // Given
    granted(POD_A, A1, 4);
    cluster.happened.clear();
    // When, Then
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(cluster.happened).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fails.class,
      names = {"NOT_STORED", "STORED"})
  void aWriteOfUnknownOutcomeAnswersNothingAndCountsOnce(Fails fails) throws Exception {
    // Given
    cluster.store = fails;
    // When
    assertThatThrownBy(() -> granted(POD_A, A1, 4))
        .isInstanceOf(LedgerDesk.UnavailableException.class);
    // Then
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(cluster.logged(CID).fingerprint())
        .isEqualTo(cluster.ledgers.get(CID).state().fingerprint());
  }

  @ParameterizedTest
  @EnumSource(
      value = Fails.class,
      names = {"NOT_STORED", "STORED"})
  void aLogOfUnknownOutcomeAnswersNothingAndIsCaughtUpFirst(Fails fails) throws Exception {
    // Given
    cluster.log = fails;
    // When
    assertThatThrownBy(() -> granted(POD_A, A1, 4))
        .isInstanceOf(LedgerDesk.UnavailableException.class)
        .hasMessageContaining("no log");
    // Then
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(cluster.logged(CID).fingerprint())
        .isEqualTo(cluster.ledgers.get(CID).state().fingerprint());
    assertThat(desk.totals(CID).behind()).isNull();
  }

  @Test
  void aRestartedOperatorLogsWhatItsPredecessorDidNot() throws Exception {
    // Given
    granted(POD_A, A1, 2);
    cluster.log = Fails.NOT_STORED;
    assertThatThrownBy(() -> granted(POD_A, A1, 4)).hasMessageContaining("no log");
    // When
    desk = start("leader-2");
    // Then
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(desk.totals(CID).behind()).isNull();
  }

  @Test
  void twoOperatorsThatBothBelieveToLeadNeverGrantTwice() throws Exception {
    // Given
    LedgerDesk other = start("leader-2");
    granted(POD_A, A1, 2);
    // When: each works from what it remembers
    long total = 0;
    for (int need = 1; need <= 20; need++) {
      LedgerDesk mine = desk;
      desk = need % 2 == 0 ? mine : other;
      granted(POD_A, A1, need);
      total = granted(POD_B, B1, need) + granted(POD_A, A1, need);
      desk = mine;
    }
    // Then
    assertThat(total).isEqualTo(10);
    assertThat(cluster.ledgers.get(CID).state().entry(CID).remaining()).isZero();
  }

  @Test
  void aDeletedLedgerIsMadeAgainFromTheLog() throws Exception {
    // Given
    granted(POD_A, A1, 4);
    cluster.ledgers.clear();
    // When
    long more = granted(POD_B, B1, 20);
    // Then
    assertThat(more).isLessThanOrEqualTo(6);
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(cluster.ledgers.get(CID).state().entry(CID).outstanding()).isEqualTo(4 + more);
  }

  @Test
  void aRestoredLedgerGrantsNothingUntilTheLogIsAccepted() throws Exception {
    // Given
    granted(POD_A, A1, 2);
    LedgerState backup = cluster.ledgers.get(CID).state();
    granted(POD_A, A1, 4);
    cluster.overwrite(CID, backup);
    // When
    assertThatThrownBy(() -> granted(POD_A, A1, 5))
        .isInstanceOf(LedgerDesk.UnavailableException.class);
    // Then
    String token = desk.totals(CID).behind();
    assertThat(token).isNotEmpty();
    assertThat(desk.behind()).isEqualTo(1);
    // When: something else is accepted
    desk.programmed(edit(1, 10L), "other");
    assertThat(desk.totals(CID).behind()).isEqualTo(token);
    // When
    desk.programmed(edit(1, 10L), token);
    // Then: all that was granted counts as used
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(4, 0, 4, null));
    assertThatThrownBy(() -> granted(POD_A, A1, 5)).isInstanceOf(BootClosedException.class);
    assertThat(granted(POD_A, A2, 9)).isBetween(1L, 6L);
  }

  @Test
  void aLedgerThatWasMadeAndNotWrittenIsMadeAgainFromTheLogToo() throws Exception {
    // Given
    granted(POD_A, A1, 4);
    cluster.overwrite(CID, LedgerState.EMPTY);
    desk = start("leader-2");
    // When, Then
    assertThat(granted(POD_A, A1, 4)).isEqualTo(4);
    assertThat(cluster.ledgers.get(CID).state().entry(CID)).isNull();
    assertThat(granted(POD_A, A1, 5)).isEqualTo(5);
    assertThat(cluster.ledgers.get(CID).state().entry(CID).outstanding()).isEqualTo(5);
  }

  @Test
  void aBootIsSettledAlsoBeforeItsCapabilityWasLookedAt() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    programs.remove(CID);
    desk = start("leader-2");
    // When
    AllowanceAnswer answer = close(POD_A, A2, List.of(settled(A1, 3)), List.of(A1, A2));
    // Then
    assertThat(answer.closed()).containsExactly(A1);
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(3, 0, 0, null));
  }

  @Test
  void whatLiveGatesShowedIsNotForgottenByAnAcceptThatFails() throws Exception {
    // Given: ledger and log were restored together, and a gate has spent more than both know
    granted(POD_A, A1, 2);
    assertThatThrownBy(() -> ask(POD_A, A1, 6, 0, 6))
        .isInstanceOf(LedgerDesk.UnavailableException.class);
    String token = desk.totals(CID).behind();
    cluster.store = Fails.NOT_STORED;
    assertThatThrownBy(() -> desk.programmed(edit(1, 10L), token))
        .isInstanceOf(IllegalStateException.class);
    // When
    desk.programmed(edit(1, 10L), desk.totals(CID).behind());
    // Then
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(6, 0, 6, null));
  }

  @Test
  void aRestoredLedgerIsFoundByTheEditorToo() throws Exception {
    // Given
    granted(POD_A, A1, 2);
    LedgerState backup = cluster.ledgers.get(CID).state();
    granted(POD_A, A1, 4);
    cluster.overwrite(CID, backup);
    desk = start("leader-2");
    // When
    desk.programmed(edit(1, 10L), null);
    // Then
    assertThat(desk.totals(CID).behind()).isNotNull();
  }

  @Test
  void aPodThatDoesNotGuardTheTargetIsGrantedNothingAndMayGiveBack() throws Exception {
    // Given
    granted(POD_A, A1, 4);
    guards = false;
    // When
    AllowanceAnswer answer = ask(POD_A, A1, 9, 4, 0);
    // Then
    assertThat(answer.items().getFirst().granted()).isEqualTo(4);
    assertThat(desk.totals(CID)).isEqualTo(CallTotals.NONE);
    assertThat(granted(POD_B, B1, 1)).isZero();
  }

  @Test
  void aRaisedLimitHoldsAtOnceAndALoweredOneCallsBack() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    // When
    desk.programmed(edit(2, 3L), null);
    // Then
    assertThat(recalled).containsExactly(POD_A.uid());
    assertThat(granted(POD_B, B1, 1)).isZero();
    // When
    desk.programmed(edit(3, 12L), null);
    // Then
    assertThat(granted(POD_B, B1, 1)).isEqualTo(1);
    // When: a stale cache comes late
    edit(2, 3L);
    assertThat(granted(POD_B, B1, 2)).isEqualTo(2);
  }

  @Test
  void somebodyWhoWaitsHasTheOthersRecalled() throws Exception {
    // Given
    for (int need = 1; need <= 10; need++) {
      granted(POD_A, A1, 10);
    }
    assertThat(desk.totals(CID).held()).isEqualTo(10);
    recalled.clear();
    // When
    assertThat(granted(POD_B, B1, 1)).isZero();
    // Then
    assertThat(recalled).containsExactly(POD_A.uid());
    // When
    ask(POD_A, A1, 10, 10, 0);
    // Then
    assertThat(granted(POD_B, B1, 1)).isEqualTo(1);
  }

  @Test
  void aSuccessorSettlesWhatItsPredecessorSpent() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    // When
    AllowanceAnswer answer = close(POD_A, A2, List.of(settled(A1, 3)), List.of(A1, A2));
    // Then
    assertThat(answer.closed()).containsExactly(A1);
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(3, 0, 0, null));
    assertThatThrownBy(() -> granted(POD_A, A1, 9)).isInstanceOf(BootClosedException.class);
    // When: the message comes again
    close(POD_A, A2, List.of(settled(A1, 5)), List.of(A1, A2));
    // Then
    assertThat(desk.totals(CID).used()).isEqualTo(3);
  }

  @Test
  void bootsOfThePodThatAreNotNamedAreLost() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    granted(POD_B, B1, 1);
    // When
    close(POD_A, A2, List.of(), List.of(A2));
    // Then
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(5, 1, 5, null));
  }

  @Test
  void aPodSettlesNoBootOfAnother() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    // When, Then
    assertThatThrownBy(() -> close(POD_B, B1, List.of(settled(A1, 0)), List.of(A1, B1)))
        .isInstanceOf(BootClosedException.class);
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(0, 5, 0, null));
  }

  @Test
  void aSettlementThatCouldNotBeWrittenIsNotConfirmed() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    cluster.store = Fails.NOT_STORED;
    // When, Then
    assertThatThrownBy(() -> close(POD_A, A2, List.of(settled(A1, 3)), List.of(A1, A2)))
        .isInstanceOf(LedgerDesk.UnavailableException.class);
    assertThat(close(POD_A, A2, List.of(settled(A1, 3)), List.of(A1, A2)).closed())
        .containsExactly(A1);
  }

  @Test
  void aBootThatCountedNothingIsConfirmedAtOnce() throws Exception {
    assertThat(close(POD_A, A2, List.of(new Settled(A1, List.of())), List.of(A2)).closed())
        .containsExactly(A1);
  }

  @Test
  void podsThatAreGoneAreSettledAsFullyUsed() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    granted(POD_B, B1, 1);
    // When
    desk.sweep(namespace -> Set.of(POD_B.uid()));
    // Then
    assertThat(desk.totals(CID)).isEqualTo(new CallTotals(5, 1, 5, null));
  }

  @Test
  void aCapabilityThatIsGoneTakesItsLedgerWithIt() throws Exception {
    // Given
    granted(POD_A, A1, 5);
    // When
    programs.remove(CID);
    desk.gone(CID);
    // Then
    assertThat(cluster.ledgers).isEmpty();
    assertThat(ask(POD_A, A1, 5, 0, 0).items()).isEmpty();
    assertThat(close(POD_A, A2, List.of(settled(A1, 3)), List.of(A2)).closed()).containsExactly(A1);
  }
}
