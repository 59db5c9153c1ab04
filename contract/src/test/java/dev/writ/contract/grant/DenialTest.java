package dev.writ.contract.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.Problem;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.World;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients are told, and what the author of a rule is (actions.md, Denials). */
class DenialTest {
  @Test
  void jsonRpcClientsGetTheirIdAndTheProblem() {
    Problem limit = new Problem(ErrorCode.QUOTA_EXHAUSTED, "ab.1", 10L, 10L, null);

    Denial denial = Denial.of(limit, new Dialect.JsonRpc(new JsonString("a\"b")));

    assertThat(denial.status()).isEqualTo(200);
    assertThat(denial.body())
        .startsWith("{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"error\":{\"code\":-32011,")
        .contains("\"data\":{\"type\":\"https://writ.dev/errors/quota-exhausted\"")
        .contains("\"limit\":10,\"used\":10");
    assertThat(number(ErrorCode.ARGUMENT_NOT_ALLOWED)).contains("\"id\":7").contains("-32010");
    assertThat(number(ErrorCode.AUDIT_UNAVAILABLE)).contains("-32012");
  }

  private static String number(ErrorCode code) {
    return Denial.of(Problem.of(code), new Dialect.JsonRpc(JsonNumber.of(7))).body();
  }

  @Test
  void whatComesBeforeTheActionIsToldInHttpToAll() {
    for (Dialect dialect :
        List.of(
            Dialect.HTTP,
            new Dialect.JsonRpc(JsonNumber.of(1)),
            new Dialect.RpcStatus(),
            new Dialect.Grpc())) {
      for (ErrorCode code :
          List.of(
              ErrorCode.USE_NONCE, ErrorCode.REVOKED, ErrorCode.MALFORMED, ErrorCode.REPLAYED)) {
        Denial denial = Denial.of(Problem.of(code), dialect);
        assertThat(denial.status()).isEqualTo(code.status());
        assertThat(denial.mediaType()).isEqualTo(Problem.MEDIA_TYPE);
      }
    }
  }

  @Test
  void restAndGrpcClientsGetTheStatusOfTheirKind() {
    Denial rest = Denial.of(Problem.of(ErrorCode.RATE_LIMITED), new Dialect.RpcStatus());
    Denial grpc = Denial.of(Problem.of(ErrorCode.ARGUMENT_NOT_ALLOWED), new Dialect.Grpc());

    assertThat(rest.status()).isEqualTo(429);
    assertThat(rest.body())
        .startsWith("{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"")
        .contains("\"reason\":\"RATE_LIMITED\",\"domain\":\"writ.dev\"");
    assertThat(grpc.status()).isEqualTo(200);
    assertThat(grpc.body()).isEmpty();
    assertThat(grpc.fields().get(0)).isEqualTo(new Field("grpc-status", "7"));
    assertThat(grpc.fields().get(1).value()).startsWith("argument-not-allowed: ");
  }

  @Test
  void anExplanationNamesTheNearestRuleAndWhatFails() {
    List<Rule> rules = new ArrayList<>();
    rules.add(World.rule("{\"action\":\"a\",\"mcp\":{\"names\":[\"list\"]}}"));
    rules.add(
        World.rule(
            "{\"action\":\"b\",\"mcp\":{\"names\":[\"transfer\"]},\"arguments\":["
                + "{\"pointer\":\"/to\",\"values\":[\"x\"]},{\"pointer\":\"/amount\",\"maximum\":5}]}"));
    RootContract root =
        new World().root(PrivateKey.generate().publicKey(), 0, List.of(), rules, Limits.NONE);
    RequestHead head =
        new RequestHead("POST", "/", List.of(new Field("Content-Type", "application/json")));
    String call =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"transfer\","
            + "\"arguments\":{\"to\":\"x\",\"amount\":6}}}";

    Explanation said = Explanation.of(List.of(root), head, World.utf8(call), Protocol.MCP);

    assertThat(said.rules().get(0).verdict()).isEqualTo(new Verdict.Differs(1, "name"));
    assertThat(said.nearest().orElseThrow().index()).isEqualTo(1);
    assertThat(said.nearest().orElseThrow().verdict())
        .isInstanceOfSatisfying(
            Verdict.Fails.class,
            fails -> assertThat(fails.constraint()).isEqualTo(rules.get(1).arguments().get(1)));
    assertThat(said.result()).isInstanceOf(ActionResult.Refused.class);
  }
}
