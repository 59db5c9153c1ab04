package dev.writ.sidecar.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.grant.McpLists;
import dev.writ.contract.key.PrivateKey;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However an answer is cut into parts, the list in it is cut the same. */
final class ListCutTest {
  private static final McpLists TRANSFER = McpLists.of(List.of(root()), new byte[0]);
  private static final String BOTH =
      "{\"id\":1,\"result\":{\"tools\":[{\"name\":\"transfer\"},{\"name\":\"clöse\"}]}}";
  private static final String ONE = "{\"id\":1,\"result\":{\"tools\":[{\"name\":\"transfer\"}]}}";

  private static RootContract root() {
    String workload = "spiffe://cluster.local/ns/plan/sa/agent";
    String service = "spiffe://cluster.local/ns/bank/svc/ledger";
    String uuid = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
    List<String> actions = List.of("transfer");
    McpMatch match = new McpMatch(List.of("tools/call"), actions);
    List<Rule> rules = List.of(new Rule("transfer", match, List.of()));
    return new RootContract(
        "spiffe://cluster.local/writ",
        workload,
        service,
        1,
        1,
        2,
        uuid,
        uuid,
        1,
        PrivateKey.generate().publicKey(),
        0,
        List.of(),
        actions,
        rules,
        Limits.NONE,
        true,
        false,
        false);
  }

  private static String through(String type, String answer, int size) throws Exception {
    ListCut cut = ListCut.of(TRANSFER, type);
    Buffer bytes = Buffer.buffer(answer);
    Buffer out = Buffer.buffer();
    for (int at = 0; at < bytes.length(); at += size) {
      out.appendBuffer(cut.part(bytes.getBuffer(at, Math.min(at + size, bytes.length()))));
    }
    return out.appendBuffer(cut.rest()).toString(UTF_8);
  }

  @Test
  void jsonIsCutOnceItIsWhole() throws Exception {
    for (int size = 1; size <= BOTH.length() + 1; size++) {
      assertThat(through("application/json; charset=utf-8", BOTH, size)).isEqualTo(ONE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void eventsAreCutOneByOneWhateverEndsTheirLines(String newline) throws Exception {
    // Given
    String events =
        String.join(
            newline,
            "\uFEFFdata: " + BOTH,
            "",
            ": ping",
            "",
            "id: 7",
            "data:" + BOTH.substring(0, 8),
            "event: message",
            "data: " + BOTH.substring(8),
            "",
            "data",
            "",
            "retry: 5",
            "",
            "data: " + BOTH);
    String due =
        "data: "
            + ONE
            + "\n\n: ping\n\nid: 7\ndata: "
            + ONE
            + "\nevent: message\n\ndata:\n\nretry: 5\n\n";
    for (int size = 1; size <= 40; size++) {
      // When
      String out = through("text/event-stream", events, size);
      // Then
      assertThat(out).as("parts of " + size).isEqualTo(due);
    }
  }

  @Test
  void anEventGoesOnAsSoonAsItIsWhole() throws Exception {
    ListCut cut = ListCut.of(TRANSFER, "text/event-stream");

    assertThat(cut.part(Buffer.buffer("data: {\"id\":1}\n")).length()).isZero();
    assertThat(cut.part(Buffer.buffer("\n")).toString()).isEqualTo("data: {\"id\":1}\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"result\":{\"tools\":[]},\"result\":{\"tools\":[{\"name\":\"close\"}]}}",
        "{\"result\":{\"tools\":[{\"title\":\"close\"}]}}",
        "{\"result\":{\"tools\":[\"close\"]}}",
        "{\"result\":{\"tools\":["
      })
  void whatCannotBeReadDoesNotPass(String answer) {
    assertThatThrownBy(() -> through("application/json", answer, 1_000))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> through("text/event-stream", "data: " + answer + "\n\n", 1_000))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void anEndlessEventDoesNotFillTheMemory() {
    ListCut cut = ListCut.of(TRANSFER, "text/event-stream");
    Buffer part = Buffer.buffer("data: " + "x".repeat(1 << 20) + "\n");

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 5; i++) {
                assertThat(cut.part(part).length()).isZero();
              }
            })
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void otherAnswersAreNotLookedAt() {
    assertThat(ListCut.of(TRANSFER, "text/plain")).isNull();
    assertThat(ListCut.of(TRANSFER, null)).isNull();
  }
}
