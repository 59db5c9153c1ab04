package dev.writ.audit.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.audit.Entry;
import dev.writ.audit.log.LogFixture;
import dev.writ.audit.log.LogWriter;
import dev.writ.audit.log.MemoryCheckpoints;
import dev.writ.audit.log.MemoryStorage;
import dev.writ.audit.log.TileReader;
import dev.writ.contract.ErrorCode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallTreesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private final MemoryStorage storage = new MemoryStorage();
  private final LogFixture.Gate front = new LogFixture.Gate(1);
  private final LogFixture.Gate middle = new LogFixture.Gate(2);
  private final LogFixture.Gate back = new LogFixture.Gate(3);
  private String root;
  private String child;
  private String denied;

  private static Entry.Call call(String target, String parent, String trace) {
    List<Entry.Count> counts = List.of(new Entry.Count(LogFixture.CID, 1000, 17));
    return LogFixture.call(target, Entry.Decision.ALLOW, null, parent, trace, counts);
  }

  @BeforeEach
  void log() throws IOException {
    root = front.add(call("/plan", null, TRACE));
    front.add(call("/unrelated", null, null));
    child = middle.add(call("/buy\u001b[2J", root, null));
    denied =
        back.add(
            LogFixture.call(
                "/pay",
                Entry.Decision.DENY,
                ErrorCode.ARGUMENT_NOT_ALLOWED,
                child,
                null,
                List.of()));
    back.add(call("/pay/2", child, null));
    middle.add(new Entry.End(LogFixture.now(), "bank/ledger-2", 2, 502, 7));
    LogWriter writer = new LogFixture().open(storage, new MemoryCheckpoints());
    // The records of the deepest gate come first: trees don't depend on who shipped when.
    writer.append(List.of(back.batch(), middle.batch(), front.batch()));
  }

  private List<CallNode> find(TraceQuery query) throws IOException {
    return CallTrees.find(new TileReader(storage, 9), query);
  }

  @Test
  void everyWayToAskForACallGivesItsWholeTree() throws IOException {
    List<CallNode> byTrace = find(new TraceQuery.ByTrace(TRACE));
    assertThat(byTrace)
        .singleElement()
        .satisfies(tree -> assertThat(tree.receipt()).isEqualTo(root));
    CallNode bought = byTrace.getFirst().children().getFirst();
    assertThat(bought.receipt()).isEqualTo(child);
    assertThat(bought.end().upstreamStatus()).isEqualTo(502);
    assertThat(bought.children()).extracting(CallNode::receipt).contains(denied).hasSize(2);
    assertThat(find(new TraceQuery.ByReceipt(denied))).isEqualTo(byTrace);
    assertThat(find(new TraceQuery.ByReceipt(root))).isEqualTo(byTrace);
    assertThat(find(new TraceQuery.ByCid(java.util.Set.of(LogFixture.CID)))).hasSize(2);
    assertThat(find(new TraceQuery.ByReceipt("0000000000000009.1"))).isEmpty();
  }

  @Test
  void theTextShowsWhoOnWhoseBehalfAndWhy() throws IOException {
    String text = CallText.of(find(new TraceQuery.ByTrace(TRACE)), false);
    assertThat(text.lines().map(String::stripTrailing))
        .containsExactly(
            "✔ allowed  transfer  POST /plan at bank/ledger  2026-11-22T10:00:00.123Z "
                + " 0000000000000001.2  entry 7",
            "│ by plan/billing, 17/1000 calls",
            "└─ ✔ allowed 502  transfer  POST /buy\ufffd[2J at bank/ledger "
                + " 2026-11-22T10:00:00.123Z  0000000000000002.2  entry 4",
            "   │ by plan/billing, 17/1000 calls",
            "   ├─ ✘ denied argument-not-allowed  transfer  POST /pay at bank/ledger "
                + " 2026-11-22T10:00:00.123Z  0000000000000003.2  entry 1",
            "   │    by plan/billing",
            "   └─ ✔ allowed  transfer  POST /pay/2 at bank/ledger  2026-11-22T10:00:00.123Z "
                + " 0000000000000003.3  entry 2",
            "        by plan/billing, 17/1000 calls");
    assertThat(CallText.of(find(new TraceQuery.ByTrace(TRACE)), true))
        .contains("\u001b[31m✘ denied");
  }

  @Test
  void theJsonHoldsTheSameTree() throws IOException {
    JsonNode json = new ObjectMapper().readTree(CallJson.of(find(new TraceQuery.ByTrace(TRACE))));
    assertThat(json.size()).isEqualTo(1);
    assertThat(json.at("/0/children/0/upstreamStatus").asInt()).isEqualTo(502);
    assertThat(json.at("/0/children/0/children/0/code").asText()).isEqualTo("argument-not-allowed");
  }

  @Test
  void parentsThatClaimEachOtherDoNotHang() throws IOException {
    MemoryStorage circle = new MemoryStorage();
    LogFixture.Gate gate = new LogFixture.Gate(1);
    gate.add(call("/a", gate.boot() + ".3", TRACE));
    gate.add(call("/b", gate.boot() + ".2", TRACE));
    gate.add(call("/self", gate.boot() + ".4", TRACE));
    for (int i = 5; i < 300; i++) {
      gate.add(call("/deep", gate.boot() + "." + (i - 1), TRACE));
    }
    new LogFixture().open(circle, new MemoryCheckpoints()).append(List.of(gate.batch()));
    List<CallNode> trees =
        CallTrees.find(new TileReader(circle, gate.lines().size()), new TraceQuery.ByTrace(TRACE));
    assertThat(trees.stream().mapToInt(CallTreesTest::size).sum())
        .isEqualTo(gate.lines().size() - 1);
    assertThat(CallText.of(trees, false)).contains("/self");
  }

  private static int size(CallNode node) {
    return 1 + node.children().stream().mapToInt(CallTreesTest::size).sum();
  }
}
