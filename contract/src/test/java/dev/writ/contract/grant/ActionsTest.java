package dev.writ.contract.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.World;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests to actions (actions.md), where the wire vectors leave gaps. */
class ActionsTest {
  private static final Field JSON = new Field("Content-Type", "application/json");

  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();

  private RootContract root(String... rules) {
    List<Rule> list = new ArrayList<>();
    for (String rule : rules) {
      list.add(World.rule(rule));
    }
    return world.root(holder.publicKey(), 0, List.of(), list, Limits.NONE);
  }

  private static String outcome(ActionResult result) {
    return switch (result) {
      case ActionResult.Allowed yes -> yes.action() + (yes.counted() ? "" : " free");
      case ActionResult.Refused no -> no.code().code();
    };
  }

  private static String mcp(RootContract root, String body, Field... fields) {
    List<Field> all = new ArrayList<>(List.of(fields));
    all.add(JSON);
    return outcome(
        Actions.decide(root, new RequestHead("POST", "/mcp", all), World.utf8(body), Protocol.MCP));
  }

  private static String http(RootContract root, String method, String target, Field... fields) {
    return outcome(
        Actions.decide(
            root, new RequestHead(method, target, List.of(fields)), World.utf8(""), Protocol.HTTP));
  }

  private static String call(String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
  }

  @Test
  void anUpgradeNeedsARuleThatSaysSo() {
    String path = "\"paths\":[{\"type\":\"Exact\",\"value\":\"/ws\"}]";
    RootContract plain = root("{\"action\":\"ws\",\"http\":{\"methods\":[\"GET\"]," + path + "}}");
    RootContract open =
        root(
            "{\"action\":\"ws\",\"http\":{\"methods\":[\"GET\"],"
                + path
                + ",\"upgrade\":\"websocket\"}}");
    Field upgrade = new Field("Upgrade", "websocket");

    assertThat(http(plain, "GET", "/ws", upgrade)).isEqualTo("action-not-granted");
    assertThat(http(open, "GET", "/ws", upgrade)).isEqualTo("ws");
    assertThat(http(plain, "GET", "/ws")).isEqualTo("ws");
  }

  @Test
  void anArgumentBesideOneThatReadsAsItHoldsNowhere() {
    RootContract root =
        root(
            "{\"action\":\"pay\",\"mcp\":{\"names\":[\"pay\"]},\"arguments\":["
                + "{\"pointer\":\"/amount\",\"maximum\":500},"
                + "{\"pointer\":\"/to/userId\",\"values\":[\"a\"],\"required\":false}]}");

    assertThat(pay(root, "{\"amount\":5,\"other\":90000}")).isEqualTo("pay");
    assertThat(pay(root, "{\"amount\":5,\"to\":{\"userId\":\"a\"}}")).isEqualTo("pay");
    for (String hostile :
        List.of(
            "{\"amount\":5,\"Amount\":90000}",
            "{\"AMOUNT\":90000,\"amount\":5}",
            "{\"amount\":5,\"a_mount\":90000}",
            "{\"amount\":5,\"amount\u200b\":90000}",
            "{\"amount\":5,\"\uff41mount\":90000}",
            "{\"amount\":5,\"to\":{\"user_id\":\"b\"}}",
            "{\"amount\":5,\"to\":{\"userId\":\"a\",\"UserID\":\"b\"}}",
            "{\"amount\":5,\"To\":{\"userId\":\"b\"}}")) {
      assertThat(pay(root, hostile)).as(hostile).isEqualTo("argument-not-allowed");
    }
  }

  private static String pay(RootContract root, String arguments) {
    return mcp(root, call("tools/call", "{\"name\":\"pay\",\"arguments\":" + arguments + "}"));
  }

  @Test
  void aNameOfAQueryBesideOneThatReadsAsItHoldsNowhere() {
    RootContract root =
        root(
            "{\"action\":\"r\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/v1\"}]},"
                + "\"arguments\":[{\"query\":\"page\",\"maximum\":9,\"required\":false}]}");

    assertThat(http(root, "GET", "/v1?page=1&q=x")).isEqualTo("r");
    assertThat(http(root, "GET", "/v1?page=1&Page=90")).isEqualTo("argument-not-allowed");
    assertThat(http(root, "GET", "/v1?PAGE=90")).isEqualTo("argument-not-allowed");
  }

  @Test
  void prefixesMatchWholeSegments() {
    RootContract root =
        root(
            "{\"action\":\"r\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Prefix\",\"value\":\"/v1\"}]}}");

    for (String target : List.of("/v1", "/v1/", "/v1/a", "/v1?x", "/%761/a")) {
      assertThat(http(root, "GET", target)).as(target).isEqualTo("r");
    }
    for (String target : List.of("/v", "/v11", "/V1", "//v1", "/v1;x")) {
      assertThat(http(root, "GET", target)).as(target).isEqualTo("action-not-granted");
    }
    for (String target :
        List.of(
            "/v1/..",
            "/v1/%2e%2E/x",
            "/v1/..;x/y",
            "/v1/a%2fb",
            "/v1/%5c",
            "/v1/\\x",
            "/v1/%",
            "/v1/%4",
            "/v1/%ff",
            "/v1/%252e",
            "*",
            "http://x/v1",
            "/v1#x",
            "/v1 x")) {
      assertThat(http(root, "GET", target)).as(target).isEqualTo("malformed");
    }
  }

  @Test
  void base64MirrorHeadersAndParametersMustEqualTheBody() {
    RootContract root = root("{\"action\":\"get\",\"mcp\":{\"names\":[\"get_*\"]}}");
    String body =
        call(
            "tools/call",
            "{\"name\":\"get_x\",\"arguments\":{\"region\":\"eu\",\"n\":5,\"deep\":{\"flag\":true}}}");

    assertThat(
            mcp(root, body, new Field("Mcp-Method", "tools/call"), new Field("Mcp-Name", "get_x")))
        .isEqualTo("get");
    assertThat(mcp(root, body, new Field("mcp-name", "=?base64?Z2V0X3g=?="))).isEqualTo("get");
    assertThat(mcp(root, body, new Field("Mcp-Param-Region", "eu"), new Field("Mcp-Param-N", "5")))
        .isEqualTo("get");
    assertThat(mcp(root, body, new Field("Mcp-Param-Other", "true"))).isEqualTo("get");
    for (Field lie :
        List.of(
            new Field("Mcp-Method", "tools/list"),
            new Field("Mcp-Name", "get_y"),
            new Field("Mcp-Name", "=?base64?!?="),
            new Field("Mcp-Param-Region", "us"),
            new Field("Mcp-Param-Other", "zz"),
            new Field("Mcp_Method", "ping"))) {
      assertThat(mcp(root, body, lie)).as(lie.toString()).isEqualTo("malformed");
    }
    Field twice = new Field("Mcp-Method", "tools/call");
    assertThat(mcp(root, body, twice, twice)).isEqualTo("malformed");
  }

  @Test
  void aWildcardDoesNotLeaveItsPrefix() {
    RootContract root =
        root(
            "{\"action\":\"read\",\"mcp\":{\"methods\":[\"resources/read\"],\"names\":[\"file:///reports/*\"]}}");

    assertThat(mcp(root, call("resources/read", "{\"uri\":\"file:///reports/a..b\"}")))
        .isEqualTo("read");
    for (String uri :
        List.of("../x", "a/../../etc", "%2e%2e/x", "..%2fx", "%252e%252e/x", "..\\\\x")) {
      assertThat(mcp(root, call("resources/read", "{\"uri\":\"file:///reports/" + uri + "\"}")))
          .as(uri)
          .isEqualTo("action-not-granted");
    }
  }

  @Test
  void whatIsNotWellFormedMcpIsDenied() {
    RootContract root = root("{\"action\":\"get\",\"mcp\":{\"names\":[\"*\"]}}");

    for (String body :
        List.of(
            "",
            "[]",
            "[" + call("ping", "{}") + "]",
            "7",
            call("ping", "{}") + " {}",
            call("ping", "[]"),
            call("ping", "null"),
            call("tools/call", "{}"),
            call("tools/call", "{\"name\":7}"),
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":1}",
            "{\"id\":1,\"method\":\"ping\"}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"result\":{}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"na\\u200bme\":\"b\"}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"Arguments\":{}}}",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\\u017f\":{}}")) {
      assertThat(mcp(root, body)).as(body).isEqualTo("malformed");
    }
    assertThat(mcp(root, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}")).isEqualTo("base free");
    assertThat(mcp(root, call("tasks/list", "{}"))).isEqualTo("action-not-granted");
    assertThat(mcp(root, call("tools/call", "{\"name\":\"a\",\"arguments\":{\"Name\":1}}")))
        .isEqualTo("get");
    assertThat(
            outcome(
                Actions.decide(
                    root,
                    new RequestHead("PUT", "/mcp", List.of(JSON)),
                    World.utf8("{}"),
                    Protocol.MCP)))
        .isEqualTo(ErrorCode.ACTION_NOT_GRANTED.code());
  }

  @Test
  void aPatternCannotStopTheGate() {
    RootContract root =
        root(
            "{\"action\":\"a\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/a\"}]},"
                + "\"arguments\":[{\"query\":\"q\",\"pattern\":\"((a|aa){1,20}){1,20}\"}]}");

    assertThat(http(root, "GET", "/a?q=aaa")).isEqualTo("a");
    assertThat(http(root, "GET", "/a?q=" + "a".repeat(500_000))).isEqualTo("argument-not-allowed");
  }

  @Test
  void gRpcIsGrantedByServiceAndMethodAsTheyAreWritten() {
    RootContract root =
        root("{\"action\":\"g\",\"grpc\":{\"service\":\"p.S\",\"methods\":[\"M\"]}}");

    assertThat(grpc(root, "/p.S/M", "application/grpc")).isEqualTo("g");
    assertThat(grpc(root, "/p.S/M", "application/grpc+proto; x=y")).isEqualTo("g");
    for (String target :
        List.of("/p.S/N", "/p.s/M", "/p.S/M/", "/p.S/%4d", "/x/p.S/M", "/p.S/M?q")) {
      assertThat(grpc(root, target, "application/grpc")).as(target).isEqualTo("action-not-granted");
    }
    assertThat(grpc(root, "/p.S/M", "application/grpc-web")).isEqualTo("unsupported-media-type");
    assertThat(grpc(root, "/p.S/M", "application/json")).isEqualTo("unsupported-media-type");
  }

  @Test
  void oneCallIsOneMessageWhereTheRuleDoesNotStream() {
    String rule = "{\"action\":\"g\",\"grpc\":{\"service\":\"p.S\",\"methods\":[\"M\"]%s}}";
    RootContract unary = root(rule.formatted(""));
    RootContract streaming = root(rule.formatted(",\"streaming\":true"));
    byte[] one = {0, 0, 0, 0, 1, 'x'};
    byte[] compressed = {1, 0, 0, 0, 1, 'x'};
    byte[] two = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 'x'};

    assertThat(grpc(unary, one)).isEqualTo("g");
    assertThat(grpc(unary, compressed)).isEqualTo("g");
    assertThat(grpc(unary, two)).isEqualTo("action-not-granted");
    assertThat(grpc(streaming, two)).isEqualTo("g");
    for (byte[] broken :
        List.of(
            new byte[] {0},
            new byte[] {0, 0, 0, 0, 2, 'x'},
            new byte[] {2, 0, 0, 0, 1, 'x'},
            new byte[] {0, -1, -1, -1, -1, 'x'},
            new byte[] {0, 0, 0, 0, 1, 'x', 0})) {
      assertThat(grpc(streaming, broken)).isEqualTo("malformed");
    }
  }

  @Test
  void whatIsStreamedWithoutAProofNeedsARuleThatSaysSo() {
    String rule = "{\"action\":\"g\",\"grpc\":{\"service\":\"p.S\",\"methods\":[\"M\"]%s}}";
    RequestHead head =
        new RequestHead("POST", "/p.S/M", List.of(new Field("Content-Type", "application/grpc")));
    RootContract closed = root(rule.formatted(""));
    RootContract open = root(rule.formatted(",\"streaming\":true"));

    assertThat(outcome(Actions.decideOpening(open, head, Protocol.GRPC))).isEqualTo("g");
    assertThat(outcome(Actions.decideOpening(closed, head, Protocol.GRPC)))
        .isEqualTo("action-not-granted");
    for (Protocol other : List.of(Protocol.HTTP, Protocol.MCP, Protocol.A2A)) {
      assertThat(outcome(Actions.decideOpening(open, head, other))).isEqualTo("action-not-granted");
    }
  }

  @Test
  void aSessionIsForWhoeverOpenedIt() {
    RootContract root = root("{\"action\":\"t\",\"mcp\":{\"names\":[\"transfer\"]}}");
    Ownership mine =
        new Ownership() {
          @Override
          public boolean ownsTask(String id) {
            return false;
          }

          @Override
          public boolean ownsSession(String id) {
            return id.equals("mine");
          }
        };
    for (String id : List.of("mine", "other")) {
      Field session = new Field("Mcp-Session-Id", id);
      for (String method : List.of("GET", "DELETE")) {
        String outcome =
            outcome(
                Actions.decide(
                    World.chain(root),
                    new RequestHead(method, "/mcp", List.of(session)),
                    new byte[0],
                    Protocol.MCP,
                    mine));
        assertThat(outcome).isEqualTo(id.equals("mine") ? "base free" : "action-not-granted");
      }
      String outcome =
          outcome(
              Actions.decide(
                  World.chain(root),
                  new RequestHead("POST", "/mcp", List.of(JSON, session)),
                  World.utf8(call("tools/call", "{\"name\":\"transfer\"}")),
                  Protocol.MCP,
                  mine));
      assertThat(outcome).isEqualTo(id.equals("mine") ? "t" : "action-not-granted");
    }
  }

  private static String grpc(RootContract root, String target, String type) {
    RequestHead head = new RequestHead("POST", target, List.of(new Field("Content-Type", type)));
    return outcome(Actions.decide(root, head, new byte[0], Protocol.GRPC));
  }

  private static String grpc(RootContract root, byte[] body) {
    Field type = new Field("Content-Type", "application/grpc");
    return outcome(
        Actions.decide(
            root, new RequestHead("POST", "/p.S/M", List.of(type)), body, Protocol.GRPC));
  }
}
