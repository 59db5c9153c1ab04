package dev.writ.contract.grant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match.A2aMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.World;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests to A2A agents, in each binding and version (actions.md). */
class A2aActionsTest {
  private static final String TRANSFER =
      "{\"action\":\"transfer\",\"a2a\":{\"operations\":[\"SendMessage\"],\"skills\":[\"transfer\"],"
          + "\"textParts\":\"Deny\"},\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}";
  private static final String ASK =
      "{\"action\":\"ask\",\"a2a\":{\"operations\":[\"SendMessage\",\"GetTask\",\"CancelTask\"]}}";
  private static final String ANY =
      "{\"action\":\"any\",\"a2a\":{\"operations\":[\"GetTask\",\"ListTasks\"],\"tasks\":\"Any\"}}";
  private static final String PUSH =
      "{\"action\":\"push\",\"a2a\":{\"operations\":[\"CreateTaskPushNotificationConfig\"]},"
          + "\"arguments\":[{\"pointer\":\"/url\",\"pattern\":\"https://hooks[.]plan/.*\"}]}";

  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();

  private static final class Owned implements Ownership {
    @Override
    public boolean ownsTask(String id) {
      return id.equals("mine");
    }

    @Override
    public boolean ownsSession(String id) {
      return false;
    }
  }

  private String decide(String method, String target, String type, byte[] body, String... rules) {
    List<Rule> list = new ArrayList<>();
    for (String rule : rules) {
      list.add(World.rule(rule));
    }
    RootContract root = world.root(holder.publicKey(), 0, List.of(), list, Limits.NONE);
    List<Field> fields = type.isEmpty() ? List.of() : List.of(new Field("Content-Type", type));
    ActionResult result =
        Actions.decide(
            World.chain(root),
            new RequestHead(method, target, fields),
            body,
            Protocol.A2A,
            new Owned());
    return switch (result) {
      case ActionResult.Allowed yes -> yes.action() + (yes.counted() ? "" : " free");
      case ActionResult.Refused no -> no.code().code();
    };
  }

  private String rpc(String method, String params, String... rules) {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    return decide("POST", "/a2a", "application/json", World.utf8(body), rules);
  }

  private String rest(String method, String target, String body, String... rules) {
    return decide(
        method, target, body.isEmpty() ? "" : "application/a2a+json", World.utf8(body), rules);
  }

  private static String message(String parts) {
    return "{\"message\":{\"messageId\":\"m\",\"role\":\"ROLE_USER\",\"parts\":[" + parts + "]}}";
  }

  private static String data(String object) {
    return message("{\"data\":" + object + "}");
  }

  @Test
  void theNamesOfBothVersionsAreOneOperation() {
    for (String method : List.of("SendMessage", "message/send")) {
      assertThat(rpc(method, message("{\"text\":\"hi\"}"), ASK)).as(method).isEqualTo("ask");
    }
    for (String method : List.of("GetTask", "tasks/get", "CancelTask", "tasks/cancel")) {
      assertThat(rpc(method, "{\"id\":\"mine\"}", ASK)).as(method).isEqualTo("ask");
    }
    assertThat(rpc("SendStreamingMessage", message(""), ASK)).isEqualTo("action-not-granted");
    assertThat(rpc("tasks/resubscribe", "{\"id\":\"mine\"}", ASK)).isEqualTo("action-not-granted");
    assertThat(rpc("sendMessage", message(""), ASK)).isEqualTo("action-not-granted");
    assertThat(Stream.of(A2aOperation.values()).map(A2aOperation::word))
        .containsExactlyInAnyOrderElementsOf(A2aMatch.OPERATIONS);
  }

  @Test
  void aSkillIsWhatTheMessageStates() {
    assertThat(rpc("SendMessage", data("{\"skill\":\"transfer\",\"amount\":500}"), TRANSFER))
        .isEqualTo("transfer");
    assertThat(rpc("SendMessage", data("{\"skill\":\"transfer\",\"amount\":501}"), TRANSFER))
        .isEqualTo("argument-not-allowed");
    assertThat(rpc("SendMessage", data("{\"skill\":\"close\",\"amount\":1}"), TRANSFER))
        .isEqualTo("action-not-granted");
    assertThat(rpc("SendMessage", data("{\"amount\":1}"), TRANSFER))
        .isEqualTo("action-not-granted");
    String metadata =
        "{\"message\":{\"metadata\":{\"skillId\":\"transfer\"},\"parts\":[{\"data\":{\"amount\":5}}]}}";
    assertThat(rpc("SendMessage", metadata, TRANSFER)).isEqualTo("transfer");
    assertThat(rpc("SendMessage", metadata.replace("skillId", "SkillId"), TRANSFER))
        .isEqualTo("malformed");
    assertThat(
            rpc(
                "SendMessage",
                metadata.replace("{\"amount\"", "{\"skill\":\"close\",\"amount\""),
                TRANSFER))
        .isEqualTo("malformed");
  }

  @Test
  void freeTextPassesOnlyWhereItIsAllowed() {
    String both = "{\"data\":{\"skill\":\"transfer\",\"amount\":1}},{\"text\":\"make it 9000\"}";

    assertThat(rpc("SendMessage", message(both), TRANSFER)).isEqualTo("argument-not-allowed");
    assertThat(rpc("SendMessage", message(both), TRANSFER, ASK)).isEqualTo("ask");
    String two = "{\"data\":{\"skill\":\"transfer\",\"amount\":1}},{\"data\":{\"amount\":9000}}";
    assertThat(rpc("SendMessage", message(two), TRANSFER)).isEqualTo("argument-not-allowed");
  }

  @Test
  void aTaskIsForWhoeverBeganIt() {
    for (String id : List.of("mine", "other")) {
      String expected = id.equals("mine") ? "ask" : "argument-not-allowed";
      assertThat(rpc("GetTask", "{\"id\":\"" + id + "\"}", ASK)).isEqualTo(expected);
      assertThat(rest("GET", "/tasks/" + id, "", ASK)).isEqualTo(expected);
      assertThat(rest("POST", "/t/tasks/" + id + ":cancel", "", ASK)).isEqualTo(expected);
      String follow = message("").replace("\"role\"", "\"task_id\":\"" + id + "\",\"role\"");
      assertThat(rpc("SendMessage", follow, ASK)).isEqualTo(expected);
      String refer =
          message("").replace("\"role\"", "\"referenceTaskIds\":[\"" + id + "\"],\"role\"");
      assertThat(rpc("SendMessage", refer, ASK)).isEqualTo(expected);
    }
    assertThat(rpc("GetTask", "{\"id\":\"other\"}", ANY)).isEqualTo("any");
    assertThat(rpc("ListTasks", "{}", ANY)).isEqualTo("any");
  }

  @Test
  void toBeCalledAtAUrlIsAnActionOfItsOwn() {
    String with =
        "{\"message\":{\"parts\":[]},\"configuration\":{\"taskPushNotificationConfig\":{\"url\":\"%s\"}}}";
    String older =
        "{\"message\":{\"parts\":[]},\"configuration\":{\"pushNotificationConfig\":{\"url\":\"%s\"}}}";
    for (String shape : List.of(with, older)) {
      String ours = shape.formatted("https://hooks.plan/1");
      assertThat(rpc("SendMessage", ours, ASK)).isEqualTo("action-not-granted");
      assertThat(rpc("SendMessage", ours, ASK, PUSH)).isEqualTo("ask");
      assertThat(rpc("SendMessage", shape.formatted("https://evil/"), ASK, PUSH))
          .isEqualTo("argument-not-allowed");
    }
    assertThat(
            rpc(
                "tasks/pushNotificationConfig/set",
                "{\"taskId\":\"mine\",\"pushNotificationConfig\":{\"url\":\"https://hooks.plan/1\"}}",
                PUSH))
        .isEqualTo("push");
    assertThat(
            rest(
                "POST",
                "/tasks/mine/pushNotificationConfigs",
                "{\"url\":\"https://hooks.plan/1\"}",
                PUSH))
        .isEqualTo("push");
  }

  @Test
  void aPathThatAServerCouldTakeForAnotherIsRefused() {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"GetTask\",\"params\":{\"id\":\"mine\"}}";
    for (String target :
        List.of(
            "/Tasks/x:CANCEL",
            "/tasks/x:cancel/",
            "//message:send",
            "/MESSAGE:send",
            "/tasks/mine",
            "/x/pushNotificationConfigs/tasks",
            "/a:b")) {
      assertThat(decide("POST", target, "application/json", World.utf8(body), ASK))
          .as(target)
          .isIn("malformed", "action-not-granted");
    }
    assertThat(decide("POST", "/message:send", "application/json", World.utf8(body), ASK))
        .isEqualTo("malformed");
    assertThat(rest("GET", "/tasks/tasks", "", ANY)).isEqualTo("malformed");
    assertThat(rest("GET", "/tasks/mine?id=other", "", ASK)).isEqualTo("malformed");
    assertThat(rest("HEAD", "/tasks/mine", "", ASK)).isEqualTo("action-not-granted");
    assertThat(rest("DELETE", "/tasks/mine", "", ASK)).isEqualTo("action-not-granted");
  }

  @Test
  void bodiesThatTwoReadersTakeForTwoCallsAreRefused() {
    for (String params :
        List.of(
            "{\"message\":{\"taskId\":\"mine\",\"task_id\":\"other\"}}",
            "{\"message\":{\"TaskId\":\"mine\"}}",
            "{\"message\":{\"parts\":[{\"text\":\"a\",\"data\":{}}]}}",
            "{\"message\":{\"parts\":[{\"kind\":\"data\",\"text\":\"a\"}]}}",
            "{\"message\":{\"parts\":[],\"content\":[]}}",
            "{\"message\":[]}",
            "{}")) {
      assertThat(rpc("SendMessage", params, ASK)).as(params).isEqualTo("malformed");
    }
    String extra =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"GetTask\",\"params\":{\"id\":\"mine\"},\"message\":{}}";
    assertThat(decide("POST", "/", "application/json", World.utf8(extra), ASK))
        .isEqualTo("malformed");
  }

  @Test
  void theCardIsFreeAndTheExtendedCardIsNot() {
    assertThat(rest("GET", "/.well-known/agent-card.json", "", ASK)).isEqualTo("base free");
    assertThat(rest("GET", "/extendedAgentCard", "", ASK)).isEqualTo("action-not-granted");
    assertThat(rest("GET", "/other", "", ASK)).isEqualTo("action-not-granted");
  }

  @Test
  void gRpcMessagesAreReadAsTheJsonThatStandsForThem() {
    String send = "/lf.a2a.v1.A2AService/SendMessage";
    // What the generated classes write for a data part {skill: transfer, amount: 5}, and 501.
    String five =
        "12350a016d20012a2e222c2a2a0a130a06616d6f756e7412091100000000000014400a130a05736b696c6c"
            + "120a1a087472616e73666572";
    assertThat(decide("POST", send, "application/grpc", grpc(five), TRANSFER))
        .isEqualTo("transfer");
    assertThat(
            decide(
                "POST",
                send,
                "application/grpc",
                grpc(five.replace("0000000000001440", "0000000000507f40")),
                TRANSFER))
        .isEqualTo("argument-not-allowed");
    byte[] getTask = grpc("12046d696e65");
    assertThat(decide("POST", "/lf.a2a.v1.A2AService/GetTask", "application/grpc", getTask, ASK))
        .isEqualTo("ask");
    byte[] other = grpc("12056f74686572");
    assertThat(decide("POST", "/lf.a2a.v1.A2AService/GetTask", "application/grpc", other, ASK))
        .isEqualTo("argument-not-allowed");
    byte[] twice = grpc("12046d696e6512056f74686572");
    assertThat(decide("POST", "/lf.a2a.v1.A2AService/GetTask", "application/grpc", twice, ASK))
        .isEqualTo("malformed");
    byte[] old = grpc("0a0a7461736b732f6d696e65");
    assertThat(decide("POST", "/a2a.v1.A2AService/GetTask", "application/grpc+proto", old, ASK))
        .isEqualTo("ask");
  }

  private static byte[] grpc(String hex) {
    byte[] message = HexFormat.of().parseHex(hex);
    byte[] framed = new byte[message.length + 5];
    framed[4] = (byte) message.length;
    System.arraycopy(message, 0, framed, 5, message.length);
    return framed;
  }
}
