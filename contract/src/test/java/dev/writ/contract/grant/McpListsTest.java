package dev.writ.contract.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.document.Block;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.World;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a list a chain lets its holder use. */
class McpListsTest {
  private static final List<Rule> RULES =
      List.of(
          World.rule(
              "{\"action\":\"pay\",\"mcp\":{\"names\":[\"transfer\"]},\"arguments\":"
                  + "[{\"pointer\":\"/amount\",\"maximum\":500}]}"),
          World.rule(
              "{\"action\":\"read\",\"mcp\":{\"methods\":[\"resources/read\",\"prompts/get\"],"
                  + "\"names\":[\"file:///reports/*\",\"greet\"]}}"),
          World.rule("{\"action\":\"look\",\"mcp\":{\"names\":[\"get_*\"]}}"));

  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();

  private static String cut(List<? extends Block> blocks, String answer) throws Exception {
    McpLists lists = McpLists.of(blocks, World.utf8(request("tools/list")));
    return new String(lists.cut(World.utf8(answer)), StandardCharsets.UTF_8);
  }

  private static String request(String method) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{}}";
  }

  private RootContract root() {
    return world.root(holder.publicKey(), 1, List.of(World.workload("b")), RULES, Limits.NONE);
  }

  @Test
  void toolsPromptsAndResourcesAreThoseOfTheRules() throws Exception {
    List<RootContract> root = List.of(root());

    assertThat(
            cut(
                root,
                "{\"result\":{\"tools\":[{\"name\":\"transfer\"},{\"name\":\"greet\"},"
                    + "{\"name\":\"get_account\"},{\"name\":\"Transfer\"}],\"nextCursor\":\"n\"}}"))
        .isEqualTo(
            "{\"result\":{\"tools\":[{\"name\":\"transfer\"},{\"name\":\"get_account\"}],"
                + "\"nextCursor\":\"n\"}}");
    assertThat(
            cut(root, "{\"result\":{\"prompts\":[{\"name\":\"transfer\"},{\"name\":\"greet\"}]}}"))
        .isEqualTo("{\"result\":{\"prompts\":[{\"name\":\"greet\"}]}}");
    assertThat(
            cut(
                root,
                "{\"result\":{\"resources\":[{\"uri\":\"file:///reports/a\",\"name\":\"transfer\"},"
                    + "{\"uri\":\"file:///keys\",\"name\":\"greet\"}]}}"))
        .isEqualTo(
            "{\"result\":{\"resources\":[{\"uri\":\"file:///reports/a\",\"name\":\"transfer\"}]}}");
  }

  @Test
  void whatADelegationLeftOutIsNotListed() throws Exception {
    RootContract root = root();
    Block delegation =
        world.delegation(
            holder.publicKey(),
            root.sign(holder),
            "b",
            PrivateKey.generate().publicKey(),
            1,
            1,
            List.of(),
            List.of("look"));

    assertThat(
            cut(
                List.of(root, delegation),
                "{\"result\":{\"tools\":[{\"name\":\"transfer\"},{\"name\":\"get_account\"}]}}"))
        .isEqualTo("{\"result\":{\"tools\":[{\"name\":\"get_account\"}]}}");
  }

  @Test
  void everythingElseIsLeftByteForByte() throws Exception {
    List<RootContract> root = List.of(root());

    for (String answer :
        List.of(
            "{ \"id\": 1e0, \"error\": {\"code\":-1,\"data\":{\"tools\":[{\"name\":\"x\"}]}}}",
            "{\"result\" : {\"content\":[{\"type\":\"text\",\"text\":\"tools\"}]}}",
            "{\"method\":\"notifications/tools/list_changed\"}",
            "[ ]")) {
      assertThat(cut(root, answer)).isEqualTo(answer);
    }
    assertThat(McpLists.of(root, World.utf8(request("ping")))).isNull();
    assertThat(McpLists.of(root, World.utf8(request("initialize")))).isNull();
    assertThat(McpLists.of(root, World.utf8(request("prompts/list")))).isNotNull();
    assertThat(McpLists.of(root, new byte[0])).isNotNull();
  }

  @Test
  void aListWithinABatchIsCutToo() throws Exception {
    assertThat(
            cut(
                List.of(root()),
                "[{\"result\":{\"tools\":[{\"name\":\"x\"}]}},{\"method\":\"ping\"}]"))
        .isEqualTo("[{\"result\":{\"tools\":[]}},{\"method\":\"ping\"}]");
  }
}
