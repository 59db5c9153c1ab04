package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.cli.check.Fact.State;
import dev.writ.contract.MalformedException;
import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanReport;
import dev.writ.contract.scan.ScanReport.Answer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeVerdictTest {
  private static final String FOUR = "10.0.0.7";
  private static final String SIX = "fd00::7";

  private boolean redirect = true;
  private boolean shadow;

  private static PortSet ports(String text) {
    try {
      return PortSet.parse(text);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static ScanReport report(String address, String open, int unsure, Answer gate) {
    PortSet set = ports(open);
    return new ScanReport(
        address,
        set,
        0,
        PortSet.LAST - set.size(),
        unsure,
        set.contains(8080) ? Map.of(8080, gate) : Map.of());
  }

  private static ScanReport clean(String address) {
    return report(address, "8080,15090,15092", 0, Answer.GATE);
  }

  private List<Fact> judge(GuaranteeLevel level, ScanReport... reports) {
    ProbedPod pod =
        new ProbedPod(
            "pod bank/ledger-0",
            "bank",
            List.of(FOUR, SIX),
            redirect,
            shadow,
            ports("8080"),
            ports("15090,15092"),
            "u-1");
    return ProbeVerdict.of(pod, level, "writ-system", List.of(reports));
  }

  private static Fact level(List<Fact> facts) {
    assertThat(facts.getLast().statement()).contains("has guarantee level Enforced");
    return facts.getLast();
  }

  @Test
  void nothingButTheGateInBothFamiliesIsEnforced() {
    // When
    List<Fact> facts = judge(GuaranteeLevel.VERIFIED, clean(FOUR), clean(SIX));
    // Then
    assertThat(facts).hasSize(3).extracting(Fact::state).containsOnly(State.HOLDS);
    assertThat(facts.get(0).statement())
        .contains("but its gate's")
        .contains(FOUR)
        .contains("gate 8080; sidecar 15090,15092; 0 refused, 65532 silent");
    assertThat(facts.get(1).statement()).contains(SIX);
    assertThat(level(facts).statement()).contains("seen from namespace writ-system");
  }

  @Test
  void aPortBesideTheGateFailsWhateverAnswersThere() {
    for (Answer answer : Answer.values()) {
      // Given
      ScanReport open =
          new ScanReport(
              SIX,
              ports("8080,9999,15090,15092"),
              0,
              65_531,
              0,
              Map.of(8080, Answer.GATE, 9999, answer));
      // When
      List<Fact> facts = judge(GuaranteeLevel.VERIFIED, clean(FOUR), open);
      // Then
      assertThat(facts)
          .extracting(Fact::state)
          .containsExactly(State.HOLDS, State.FAILS, State.FAILS);
      assertThat(facts.get(1).statement()).contains(SIX);
      assertThat(facts.get(1).remedy()).startsWith("port 9999 answers past the gate");
      assertThat(level(facts).statement()).contains("(reached: Verified)");
    }
  }

  @Test
  void theRemedyIsThatOfTheMode() {
    // Given
    ScanReport open = report(FOUR, "8080,9999,15090,15092", 0, Answer.GATE);
    assertThat(judge(GuaranteeLevel.VERIFIED, open, clean(SIX)).getFirst().remedy())
        .contains("nftables");
    // When
    redirect = false;
    // Then
    assertThat(judge(GuaranteeLevel.VERIFIED, open, clean(SIX)).getFirst().remedy())
        .contains("bind the app to 127.0.0.1");
  }

  @Test
  void aPodThatOpensEveryPortIsToldInOneLine() {
    // When
    List<Fact> all =
        judge(GuaranteeLevel.VERIFIED, report(FOUR, "1-65535", 0, Answer.GATE), clean(SIX));
    // And every other one
    String odd =
        java.util.stream.IntStream.rangeClosed(0, 32_766)
            .mapToObj(n -> "" + (2 * n + 1))
            .collect(java.util.stream.Collectors.joining(","));
    List<Fact> many = judge(GuaranteeLevel.VERIFIED, report(FOUR, odd, 0, Answer.GATE), clean(SIX));
    // Then
    assertThat(all.getFirst().remedy())
        .startsWith("port 1-8079,8081-15089,15091,15093-65535 answer past the gate")
        .contains("a proxy on the way");
    assertThat(many.getFirst().remedy())
        .startsWith("port 32767 of them, among them 1,3,5,")
        .hasSizeLessThan(500);
  }

  @Test
  void silenceThatNobodyBoreWitnessToIsNotEnforced() {
    // When
    List<Fact> away =
        judge(GuaranteeLevel.VERIFIED, clean(FOUR), report(SIX, "", 65_535, Answer.GATE));
    List<Fact> partly =
        judge(
            GuaranteeLevel.VERIFIED,
            clean(FOUR),
            report(SIX, "8080,15090,15092", 16_384, Answer.GATE));
    // Then
    assertThat(away).extracting(Fact::state).containsExactly(State.HOLDS, State.WARNS, State.WARNS);
    assertThat(away.get(1).remedy()).contains("NetworkPolicy").contains("no route");
    assertThat(level(away).statement()).contains("(reached: Verified)");
    assertThat(partly.get(1).remedy()).contains("16384 ports").contains("--probe-rate");
    assertThat(level(partly).state()).isEqualTo(State.WARNS);
  }

  @Test
  void aGateThatIsNotReachedIsNotEnforcedAlthoughMetricsAre() {
    // When
    List<Fact> facts =
        judge(GuaranteeLevel.VERIFIED, clean(FOUR), report(SIX, "15090,15092", 0, Answer.GATE));
    // Then
    assertThat(facts.get(1).state()).isEqualTo(State.WARNS);
    assertThat(facts.get(1).remedy()).contains("port 8080 did not open").contains("writ-system");
    assertThat(level(facts).state()).isEqualTo(State.WARNS);
  }

  @Test
  void aHoleIsToldAlsoWhereTheGateIsNotReached() {
    // When
    List<Fact> facts =
        judge(GuaranteeLevel.VERIFIED, clean(FOUR), report(SIX, "9999", 65_534, Answer.GATE));
    // Then
    assertThat(facts)
        .extracting(Fact::state)
        .containsExactly(State.HOLDS, State.FAILS, State.WARNS, State.FAILS);
  }

  @Test
  void whatStandsOnTheGatesPortAndIsNoGateFails() {
    for (Answer answer : List.of(Answer.OTHER, Answer.SHADOW)) {
      // When
      List<Fact> facts =
          judge(GuaranteeLevel.VERIFIED, report(FOUR, "8080,15090,15092", 0, answer), clean(SIX));
      // Then
      assertThat(facts.getFirst().state()).isEqualTo(State.FAILS);
      assertThat(facts.getFirst().statement()).contains("port 8080 of " + FOUR);
      assertThat(level(facts).state()).isEqualTo(State.FAILS);
    }
  }

  @Test
  void aGateThatDoesNotAnswerIsNotEnforced() {
    // When
    List<Fact> facts =
        judge(
            GuaranteeLevel.VERIFIED,
            report(FOUR, "8080,15090,15092", 0, Answer.NOBODY),
            clean(SIX));
    // Then
    assertThat(facts.getFirst().state()).isEqualTo(State.WARNS);
    assertThat(level(facts).state()).isEqualTo(State.WARNS);
  }

  @Test
  void shadowModeIsNotEnforced() {
    // Given
    shadow = true;
    // When
    List<Fact> facts =
        judge(
            GuaranteeLevel.VERIFIED,
            report(FOUR, "8080,15090,15092", 0, Answer.SHADOW),
            report(SIX, "8080,15090,15092", 0, Answer.SHADOW));
    // Then
    assertThat(level(facts).state()).isEqualTo(State.WARNS);
    assertThat(level(facts).remedy()).contains("shadow mode");
  }

  @Test
  void whoDidNotPassItsSelfTestIsNotEnforcedWhateverTheProbeFound() {
    // When
    List<Fact> facts = judge(GuaranteeLevel.PRESENT, clean(FOUR), clean(SIX));
    // Then
    assertThat(level(facts).state()).isEqualTo(State.FAILS);
    assertThat(level(facts).statement()).contains("(reached: Present)");
  }

  @Test
  void anAddressWithoutAReportIsNotEnforced() {
    // When
    List<Fact> facts = judge(GuaranteeLevel.VERIFIED, clean(FOUR));
    // Then
    assertThat(facts).extracting(Fact::state).contains(State.WARNS);
    assertThat(level(facts).state()).isEqualTo(State.WARNS);
  }

  @Test
  void aPodThatOnlyCallsHasToBeReachedTooForItsSilenceToCount() {
    // Given
    ProbedPod caller =
        new ProbedPod(
            "pod bank/payer",
            "bank",
            List.of(FOUR),
            true,
            false,
            PortSet.NONE,
            ports("15090,15092"),
            "u-1");
    // When
    List<Fact> refused =
        ProbeVerdict.of(
            caller,
            GuaranteeLevel.VERIFIED,
            "writ-system",
            List.of(new ScanReport(FOUR, PortSet.NONE, PortSet.LAST, 0, 0, Map.of())));
    List<Fact> reached =
        ProbeVerdict.of(
            caller,
            GuaranteeLevel.VERIFIED,
            "writ-system",
            List.of(report(FOUR, "15090,15092", 0, Answer.GATE)));
    // Then
    assertThat(level(refused).state()).isEqualTo(State.WARNS);
    assertThat(level(reached).state()).isEqualTo(State.HOLDS);
  }
}
