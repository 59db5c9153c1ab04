package dev.writ.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.verify.Finding.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private final List<String> lines = new ArrayList<>();

  private Report check() {
    Records records = new Records(findings, false);
    for (int i = 0; i < lines.size(); i++) {
      records.accept(i, lines.get(i).getBytes(StandardCharsets.UTF_8));
    }
    return records.report(null, 0, lines.size(), 0);
  }

  private final Findings findings = new Findings();

  @Test
  void bootsThatNeverStoppedAreListedAndAreNoFault() {
    lines.addAll(new LogFixture.Gate(1).calls(3).lines());
    lines.addAll(new LogFixture.Gate(2).calls(3).stop().lines());

    Report report = check();

    assertThat(report.isOk()).isTrue();
    assertThat(report.unstopped())
        .extracting(Report.Unstopped::boot)
        .containsExactly(LogFixture.boot(1));
    assertThat(report.unstopped()).extracting(Report.Unstopped::lastIndex).containsExactly(5L);
    assertThat(report.calls()).containsEntry("allow", 4L).containsEntry("deny", 2L);
  }

  @Test
  void aBootWithoutItsStartIsNamed() {
    lines.addAll(new LogFixture.Gate(1).calls(3).lines());
    lines.removeFirst();
    assertThat(check().findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.from()).isZero();
              assertThat(finding.message()).startsWith("boot without a start");
            });
  }

  @Test
  void aGapIsNamedOnceAndReadingGoesOn() {
    lines.addAll(new LogFixture.Gate(1).calls(9).lines());
    lines.remove(7);
    assertThat(check().findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.from()).isEqualTo(7));
  }

  @Test
  void recordsThatABootBeforeHadAndTheLogHasNotAreMissed() {
    LogFixture.Gate before = new LogFixture.Gate(1).calls(5);
    Entry.Start start =
        new Entry.Start(
            LogFixture.now(), "bank/ledger-1", "uid-1", before.boot(), before.lines().size());
    lines.addAll(before.lines().subList(0, 4));
    lines.addAll(new LogFixture.Gate(LogFixture.boot(2), start).lines());
    assertThat(check().findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.MISSING);
              assertThat(finding.from()).isEqualTo(4);
            });
    lines.clear();
    lines.addAll(new LogFixture.Gate(LogFixture.boot(2), start).lines());
    assertThat(check().found()).as("all of it is missing").isEqualTo(2);
  }

  @Test
  void moreCallsThanTheLimitAreNamed() {
    LogFixture.Gate gate = new LogFixture.Gate(1);
    for (int i = 1; i <= 5; i++) {
      gate.add(
          LogFixture.allowed("/" + i, List.of(new Entry.Count(LogFixture.CID, 3, Math.min(i, 3)))));
    }
    gate.add(LogFixture.allowed("/6", List.of(new Entry.Count("other", 3, 4))));
    lines.addAll(gate.lines());
    assertThat(check().findings()).allMatch(finding -> finding.kind() == Kind.LIMIT);
    assertThat(findings.kept()).extracting(Finding::from).containsExactly(4L, 5L, 6L);
  }

  @Test
  void callsAreCountedOverAllGates() {
    for (int gate = 1; gate <= 2; gate++) {
      LogFixture.Gate each = new LogFixture.Gate(gate);
      each.add(LogFixture.allowed("/", List.of(new Entry.Count(LogFixture.CID, 3, 1))));
      each.add(LogFixture.allowed("/", List.of(new Entry.Count(LogFixture.CID, 3, 2))));
      lines.addAll(each.lines());
    }
    assertThat(check().findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.from()).isEqualTo(5));
  }

  @Test
  void linesThatAreNoRecordsAreNamed() {
    lines.addAll(new LogFixture.Gate(1).lines());
    lines.add("not a record");
    lines.add("{\"v\":1}");
    assertThat(check().findings()).extracting(Finding::from).containsExactly(1L, 2L);
  }

  @Test
  void anEndBeforeItsCallIsNamed() {
    RecordChain chain = new RecordChain(LogFixture.boot(1));
    for (Entry entry :
        List.of(
            new Entry.Start(LogFixture.now(), "p", null, null, 0),
            new Entry.End(LogFixture.now(), "p", 7, 200, 1))) {
      RecordChain.Sealed sealed = chain.seal(entry);
      chain.stored(sealed);
      lines.add(sealed.line());
    }
    assertThat(check().findings()).extracting(Finding::from).containsExactly(1L);
  }
}
