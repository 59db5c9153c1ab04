package dev.writ.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.OperatorEntry.BootTotals;
import dev.writ.audit.OperatorEntry.Totals;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.verify.Finding.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Instant NOW = LogFixture.now();
  private static final String GATE = LogFixture.boot(1);
  private final LogFixture.Gate operator =
      new LogFixture.Gate(
          LogFixture.boot(9), new Entry.Start(NOW, "writ-system/writ-operator", null, null, 0));
  private final LogFixture.Gate gate = new LogFixture.Gate(1);

  private static Totals totals(
      long generation, long limit, long used, long held, long stranded, BootTotals of) {
    return new Totals(LogFixture.CID, generation, limit, used, held, stranded, of);
  }

  private static BootTotals boot(
      long granted, long returned, long spent, long lost, boolean closed) {
    return new BootTotals(GATE, "uid-1", granted, returned, spent, lost, closed);
  }

  private void grant(Totals totals) {
    operator.add(new OperatorEntry.Grant(NOW, "writ-system/writ-operator", totals));
  }

  private void settle(Totals totals) {
    operator.add(new OperatorEntry.Settle(NOW, "writ-system/writ-operator", totals));
  }

  private void calls(int count) {
    for (int i = 1; i <= count; i++) {
      gate.add(LogFixture.allowed("/v1", List.of(new Entry.Count(LogFixture.CID, 1_000_000, i))));
    }
  }

  private Report check() {
    Findings findings = new Findings();
    Records records = new Records(findings, false);
    List<String> lines = new ArrayList<>(operator.lines());
    lines.addAll(gate.lines());
    for (int i = 0; i < lines.size(); i++) {
      records.accept(i, lines.get(i).getBytes(StandardCharsets.UTF_8));
    }
    return records.report(null, 0, lines.size(), 0);
  }

  private void assertFound(Kind kind, long index, String message) {
    assertThat(check().findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.kind()).isEqualTo(kind);
              assertThat(finding.from()).isEqualTo(index);
              assertThat(finding.message()).contains(message);
            });
  }

  @Test
  void grantsThatAreUsedReturnedAndStrandedAddUp() {
    grant(totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false)));
    grant(totals(1, 100, 0, 25, 0, boot(30, 5, 10, 0, false)));
    settle(totals(1, 100, 25, 0, 5, boot(30, 5, 20, 5, true)));
    calls(20);
    Report report = check();
    assertThat(report.findings()).isEmpty();
    assertThat(report.reconciled()).isEqualTo(1);
  }

  @Test
  void aGateThatRecordedMoreThanItWasGrantedIsNamedAtItsNewestCall() {
    grant(totals(1, 100, 0, 3, 0, boot(3, 0, 0, 0, false)));
    calls(4);
    assertFound(Kind.LIMIT, 6, "recorded 4 calls");
  }

  @Test
  void aGateThatWasSettledWithLessThanItRecordedIsNamed() {
    grant(totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false)));
    settle(totals(1, 100, 2, 0, 0, boot(30, 0, 2, 0, true)));
    calls(3);
    assertFound(Kind.LIMIT, 6, "recorded 3 calls");
  }

  @Test
  void sumsThatItsBootsDoNotMakeAreNamed() {
    grant(totals(1, 100, 0, 29, 0, boot(30, 0, 0, 0, false)));
    assertFound(Kind.LEDGER, 1, "add up to");
  }

  @Test
  void totalsThatFallAreNamed() {
    grant(totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false)));
    grant(totals(1, 100, 0, 20, 0, boot(20, 0, 0, 0, false)));
    assertFound(Kind.LEDGER, 2, "fell");
  }

  @Test
  void aGrantBeyondTheLimitIsNamed() {
    grant(totals(1, 10, 0, 30, 0, boot(30, 0, 0, 0, false)));
    assertFound(Kind.LEDGER, 1, "beyond the limit");
  }

  @Test
  void aLimitThatRoseWithoutAGenerationIsNamed() {
    grant(totals(1, 10, 0, 5, 0, boot(5, 0, 0, 0, false)));
    grant(totals(1, 100, 0, 5, 0, null));
    assertFound(Kind.LEDGER, 2, "without a new generation");
  }

  @Test
  void aLimitThatIsLoweredUnderWhatIsOutIsNoFault() {
    grant(totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false)));
    grant(totals(2, 10, 0, 30, 0, null));
    calls(30);
    assertThat(check().findings()).isEmpty();
  }

  @Test
  void whatASettledBootChangesLaterIsNamed() {
    grant(totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false)));
    settle(totals(1, 100, 7, 0, 0, boot(30, 0, 7, 0, true)));
    grant(totals(1, 100, 0, 40, 0, boot(40, 0, 7, 0, false)));
    assertFound(Kind.LEDGER, 3, "after it was settled");
  }

  @Test
  void aPodThatWritesTheOperatorsRecordsIsNamed() {
    gate.add(
        new OperatorEntry.Grant(
            NOW, "bank/ledger-1", totals(1, 100, 0, 30, 0, boot(30, 0, 0, 0, false))));
    assertFound(Kind.RECORD, 2, "that a pod wrote");
  }

  @Test
  void podsThatEnrolledAndNeverRecordedAreListedAndAreNoFault() {
    for (String uid : List.of("uid-1", "uid-2")) {
      operator.add(
          new OperatorEntry.Issue(
              NOW,
              "writ-system/writ-operator",
              "bank/" + uid,
              uid,
              "sub",
              "jkt",
              List.of(),
              List.of()));
    }
    Report report = check();
    assertThat(report.isOk()).isTrue();
    assertThat(report.silent()).containsExactly(new Report.Silent("uid-2", "bank/uid-2", 2));
  }
}
