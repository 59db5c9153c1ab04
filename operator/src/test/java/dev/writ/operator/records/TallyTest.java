package dev.writ.operator.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.merkle.Hash;
import dev.writ.audit.note.Checkpoint;
import dev.writ.contract.ErrorCode;
import dev.writ.operator.capability.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final String CID = "aaaaaaaa-0000-0000-0000-000000000000";
  private long next;
  private final List<String> changed = new ArrayList<>();
  private final Tally tally =
      new Tally((cid, namespace) -> cid.equals(CID) && namespace.equals("bank"), changed::add);

  private static AuditRecord call(String pod, long second, @Nullable ErrorCode code, long used) {
    return call(
        pod, second, code, used, List.of(new Entry.Link("spiffe://d/ns/plan/sa/a", CID, CID, "k")));
  }

  private static AuditRecord call(
      String pod, long second, @Nullable ErrorCode code, long used, List<Entry.Link> chain) {
    Entry.Call call =
        new Entry.Call(
            Instant.ofEpochSecond(second),
            pod,
            "spiffe://d/ns/bank/svc/s",
            code == null ? Entry.Decision.ALLOW : Entry.Decision.DENY,
            code,
            Entry.Mode.ENFORCE,
            "transfer",
            "POST",
            "/",
            chain,
            null,
            null,
            code == null ? List.of(new Entry.Count(CID, 10, used)) : List.of(),
            "peer",
            null,
            null,
            1);
    return new AuditRecord("00000000000000aa", second, "", call);
  }

  private void store(String podUid, AuditRecord stored) {
    tally.stored(next++, podUid, stored);
  }

  @Test
  void theNewestRecordIsPlacedUnderTheCheckpointThatCoversIt() {
    // When
    store("one", call("bank/one", 1, null, 5));
    store("one", call("bank/one", 2, null, 6));
    assertThat(tally.position(CID)).isEmpty();
    tally.reached(new Checkpoint("log", 7, Hash.EMPTY_ROOT));
    // Then
    assertThat(tally.position(CID)).contains(new LogPosition(7, Hash.EMPTY_ROOT.toBase64(), 1));
    assertThat(changed).containsExactly(CID);
  }

  @Test
  void callsLetThroughAreSummedOverAllPods() {
    // When
    store("one", call("bank/one", 1, null, 5));
    store("one", call("bank/one", 2, null, 6));
    store("two", call("bank/two", 3, null, 1));
    // Then
    Usage usage = tally.usage(CID);
    assertThat(usage.allowed()).isEqualTo(3);
    assertThat(usage.lastTime()).isEqualTo(Instant.ofEpochSecond(3));
  }

  @Test
  void theTenNewestDenialsAreKeptInWhateverOrderTheyCome() {
    // When
    for (long second : new long[] {5, 1, 12, 3, 9, 2, 11, 4, 10, 6, 8, 7}) {
      store("one", call("bank/one", second, ErrorCode.ARGUMENT_NOT_ALLOWED, 0));
    }
    // Then
    Usage usage = tally.usage(CID);
    assertThat(usage.denied()).isEqualTo(12);
    assertThat(usage.denials())
        .extracting(denial -> denial.time().getEpochSecond())
        .containsExactly(12L, 11L, 10L, 9L, 8L, 7L, 6L, 5L, 4L, 3L);
    assertThat(usage.denials().getFirst().code()).isEqualTo("argument-not-allowed");
    assertThat(usage.denials().getFirst().receipt()).isEqualTo("00000000000000aa.12");
  }

  @Test
  void theWholeChainOfADelegatedCallIsNamed() {
    // Given
    List<Entry.Link> chain =
        List.of(
            new Entry.Link("spiffe://d/ns/plan/sa/a", CID, CID, "k"),
            new Entry.Link("spiffe://d/ns/plan/sa/b", "other", "other", "l"));
    // When
    store("one", call("bank/one", 1, ErrorCode.ARGUMENT_NOT_ALLOWED, 0, chain));
    // Then
    Usage usage = tally.usage(CID);
    assertThat(usage.lastChain())
        .containsExactly("spiffe://d/ns/plan/sa/a", "spiffe://d/ns/plan/sa/b");
    assertThat(usage.denials().getFirst().chain()).isEqualTo(usage.lastChain());
    assertThat(usage.denials().getFirst().caller()).isEqualTo("spiffe://d/ns/plan/sa/b");
  }

  @Test
  void aPodOfAnotherNamespaceHasNoSay() {
    // When
    store("evil", call("evil/one", 1, null, 1000));
    // Then
    assertThat(tally.usage(CID)).isEqualTo(Usage.NONE);
    assertThat(changed).isEmpty();
  }

  @Test
  void aForgottenCapabilityStartsFromNothing() {
    // Given
    store("one", call("bank/one", 1, null, 5));
    // When
    tally.forget(CID);
    // Then
    assertThat(tally.usage(CID)).isEqualTo(Usage.NONE);
  }
}
