import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.grant.ActionResult;
import dev.writ.contract.grant.Actions;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * What reading a tool call costs over reading the same arguments as plain HTTP, both of about 1
 * KiB.
 */
public final class Extraction {
  /** Of the thread: a shared machine takes the core away. */
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private static final int ROUNDS = 11;
  private static final int CALLS = 20_000;
  private static final String ARGUMENT =
      "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}";

  public static void main(String[] args) throws Exception {
    RootContract root =
        root(
            "{\"action\":\"h\",\"http\":{\"methods\":[\"POST\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/p\"}]},"
                + ARGUMENT,
            "{\"action\":\"m\",\"mcp\":{\"names\":[\"transfer\"]}," + ARGUMENT);
    String arguments = "{\"amount\":500,\"note\":\"" + "n".repeat(860) + "\",\"to\":[1,2,3]}";
    byte[] http = arguments.getBytes(StandardCharsets.UTF_8);
    byte[] mcp =
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"transfer\",\"arguments\":"
                + arguments
                + "}}")
            .getBytes(StandardCharsets.UTF_8);
    RequestHead head =
        new RequestHead("POST", "/p", List.of(new Field("Content-Type", "application/json")));
    double[] plain = new double[ROUNDS];
    double[] tool = new double[ROUNDS];
    for (int round = -4; round < ROUNDS; round++) {
      double one = micros(root, head, http, Protocol.HTTP);
      double other = micros(root, head, mcp, Protocol.MCP);
      if (round >= 0) {
        plain[round] = one;
        tool[round] = other;
      }
    }
    Arrays.sort(plain);
    Arrays.sort(tool);
    System.out.printf(
        "http %d bytes: %.2f us, mcp %d bytes: %.2f us, added: %.2f us (medians of %d x %d)%n",
        http.length,
        plain[ROUNDS / 2],
        mcp.length,
        tool[ROUNDS / 2],
        tool[ROUNDS / 2] - plain[ROUNDS / 2],
        ROUNDS,
        CALLS);
  }

  private static double micros(
      RootContract root, RequestHead head, byte[] body, Protocol protocol) {
    int allowed = 0;
    long start = CPU.getCurrentThreadCpuTime();
    for (int i = 0; i < CALLS; i++) {
      allowed += Actions.decide(root, head, body, protocol) instanceof ActionResult.Allowed ? 1 : 0;
    }
    long nanos = CPU.getCurrentThreadCpuTime() - start;
    if (allowed != CALLS) {
      throw new IllegalStateException("not allowed");
    }
    return nanos / 1_000.0 / CALLS;
  }

  private static RootContract root(String... rules) throws Exception {
    List<Rule> list = new java.util.ArrayList<>();
    for (String rule : rules) {
      list.add(Rule.read("rule", StrictJson.body(rule.getBytes(StandardCharsets.UTF_8))));
    }
    String id = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";
    String domain = "spiffe://cluster.local/";
    return new RootContract(
        domain + "writ",
        domain + "ns/a/sa/a",
        domain + "ns/b/svc/b",
        1,
        1,
        9,
        id,
        id,
        1,
        PrivateKey.generate().publicKey(),
        0,
        List.of(),
        List.of("h", "m"),
        list,
        Limits.NONE,
        true,
        false,
        false);
  }
}
