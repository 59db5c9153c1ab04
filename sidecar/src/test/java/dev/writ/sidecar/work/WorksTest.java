package dev.writ.sidecar.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.verify.OnwardChains.Onward;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorksTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private final Contexts contexts = new Contexts(new SecureRandom());
  private final Works works = new Works(contexts, 100, 1_000);

  private static Work work(int i, String caller, @Nullable String trace, Handed... handed) {
    return new Work("00000000000000aa." + i, List.of(caller), trace, List.of(handed), 900 + i);
  }

  private static Handed handed(String contract) {
    return new Handed(new Onward(contract, null), null);
  }

  @Test
  void aWorkIsFoundByItsReceiptAndByItsTraceUntilItEnds() {
    Work work = work(1, "a", TRACE);

    works.begin(work, 10);
    works.answered(work.receipt());

    assertThat(works.byReceipt(work.receipt(), 900)).isEqualTo(work);
    assertThat(works.byTrace(TRACE, 900)).containsExactly(List.of(work));
    assertThat(works.byReceipt(work.receipt(), 901)).isNull();
    assertThat(works.byTrace(TRACE, 901)).isEmpty();
    assertThat(works.byTrace("another", 10)).isEmpty();
  }

  @Test
  void aTraceOfTwoCallersShowsBoth() {
    works.begin(work(1, "a", TRACE), 10);
    works.begin(work(2, "b", TRACE), 10);
    works.begin(work(3, "a", TRACE), 10);

    assertThat(works.byTrace(TRACE, 10))
        .containsExactly(
            List.of(work(3, "a", TRACE), work(1, "a", TRACE)), List.of(work(2, "b", TRACE)));
  }

  @Test
  void whatIsAnsweredGivesWayFirstThenTheOldest() {
    for (int i = 0; i < 100; i++) {
      works.begin(work(i, "a", TRACE), 10);
    }
    works.answered(work(50, "a", TRACE).receipt());

    works.begin(work(100, "a", TRACE), 10);
    works.begin(work(101, "a", TRACE), 10);

    assertThat(works.size()).isEqualTo(100);
    assertThat(works.evicted()).isEqualTo(2);
    assertThat(works.byReceipt(work(50, "a", TRACE).receipt(), 10)).isNull();
    assertThat(works.byReceipt(work(0, "a", TRACE).receipt(), 10)).isNull();
    assertThat(works.byReceipt(work(1, "a", TRACE).receipt(), 10)).isNotNull();
  }

  @Test
  void theSameChainOfManyCallsIsKeptOnceAndGoesWithTheLast() {
    String chain = "c".repeat(600);
    works.begin(work(1, "a", null, handed(chain)), 10);
    works.begin(work(2, "a", null, handed(chain)), 10);
    assertThat(works.chars()).isEqualTo(600);
    assertThat(works.evicted()).isZero();

    // When another one does not fit beside it
    works.begin(work(3, "a", null, handed("d".repeat(600))), 10);

    assertThat(works.size()).isEqualTo(1);
    assertThat(works.chars()).isEqualTo(600);
  }

  @Test
  void aHundredThousandWorksOfAsManyTracesStayWithinTheBounds() {
    IntStream.range(0, 100_000)
        .forEach(
            i -> {
              works.begin(work(i, "caller " + i, "trace " + i, handed("chain " + i)), 10);
              assertThat(works.size()).isLessThanOrEqualTo(100);
              assertThat(works.chars()).isLessThanOrEqualTo(1_000);
            });

    assertThat(works.byTrace("trace 0", 10)).isEmpty();
    assertThat(works.byTrace("trace 99999", 10)).hasSize(1);
    works.begin(work(0, "a", null), 200_000);
    assertThat(works.size()).as("all ended but the new one").isEqualTo(1);
    assertThat(works.chars()).isZero();
  }

  @Test
  void aContextNamesItsReceiptInThisProcessAlone() {
    String receipt = "00000000000000aa.17";
    String value = contexts.of(receipt);

    assertThat(contexts.receipt(value)).isEqualTo(receipt);
    assertThat(new Contexts(new SecureRandom()).receipt(value)).isNull();
    assertThat(contexts.receipt(receipt)).isNull();
    assertThat(contexts.receipt(value.replace(".17.", ".18."))).isNull();
    assertThat(contexts.receipt(value + "A")).isNull();
    assertThat(contexts.receipt("")).isNull();
    assertThat(contexts).hasToString("Contexts");
  }

  @Test
  void aTraceParentIsReadStrictly() {
    String good = "00-" + TRACE + "-b7ad6b7169203331-01";

    assertThat(TraceId.of(good)).isEqualTo(TRACE);
    for (String bad :
        List.of(
            "",
            TRACE,
            good.toUpperCase(java.util.Locale.ROOT),
            good + "-x",
            " " + good,
            "01" + good.substring(2),
            "00-" + "0".repeat(32) + "-b7ad6b7169203331-01",
            "00-" + TRACE + "-" + "0".repeat(16) + "-01")) {
      assertThat(TraceId.of(bad)).as(bad).isNull();
    }
    assertThat(TraceId.of(null)).isNull();
  }
}
