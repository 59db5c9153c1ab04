package dev.writ.contract.grant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Mutations;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Seeds;
import dev.writ.contract.verify.World;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Mutated requests to every extractor: never an exception, and nothing is granted that a lenient
 * reader, who takes the last of two members, would not grant. {@code -Dwrit.fuzz} sets how many.
 */
class ExtractionFuzzTest {
  private static final ObjectMapper LENIENT = new ObjectMapper();
  private static final List<String> RULES =
      List.of(
          "{\"action\":\"mcp\",\"mcp\":{\"names\":[\"transfer\"]},"
              + "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}",
          "{\"action\":\"a2a\",\"a2a\":{\"operations\":[\"SendMessage\"],\"skills\":[\"transfer\"],"
              + "\"textParts\":\"Deny\"},\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}",
          "{\"action\":\"http\",\"http\":{\"methods\":[\"POST\"],"
              + "\"paths\":[{\"type\":\"Exact\",\"value\":\"/v1/transfers\"}]},"
              + "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}",
          "{\"action\":\"grpc\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\"]}}");
  private static final String MCP =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"transfer\","
          + "\"arguments\":{\"amount\":500}}}";
  private static final String A2A =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"SendMessage\",\"params\":{\"message\":{"
          + "\"messageId\":\"m\",\"parts\":[{\"data\":{\"skill\":\"transfer\",\"amount\":500}}]}}}";

  private final Random random = Seeds.random();
  private final RootContract root =
      new World()
          .root(
              PrivateKey.generate().publicKey(),
              0,
              List.of(),
              RULES.stream().map(World::rule).toList(),
              Limits.NONE);
  private int granted;

  @Test
  void nothingIsGrantedThatALenientReaderWouldNotGrant() throws Exception {
    int inputs = Integer.getInteger("writ.fuzz", 4_000);
    for (int i = 0; i < inputs; i++) {
      one(Protocol.MCP, "/mcp", MCP, "/params/name", "/params/arguments/amount");
      one(
          Protocol.A2A,
          "/a2a",
          A2A,
          "/params/message/parts/0/data/skill",
          "/params/message/parts/0/data/amount");
      one(Protocol.HTTP, "/v1/transfers", "{\"amount\":500}", "", "/amount");
      grpc();
    }
    assertThat(granted).isGreaterThan(inputs / 100);
  }

  private void one(Protocol protocol, String target, String seed, String name, String amount)
      throws IOException {
    String path = random.nextInt(4) == 0 ? Mutations.of(random, target) : target;
    String body = random.nextInt(8) == 0 ? seed : Mutations.of(random, seed);
    ActionResult result = decide(protocol, path, "application/json", body.getBytes(UTF_8));
    if (result instanceof ActionResult.Allowed yes && yes.counted()) {
      granted++;
      JsonNode lenient = LENIENT.readTree(body);
      String where = path + " " + body + " of seed " + Seeds.seed();
      assertThat(lenient.at(amount).isNumber()).as(where).isTrue();
      assertThat(lenient.at(amount).asDouble()).as(where).isLessThanOrEqualTo(500);
      if (!name.isEmpty()) {
        assertThat(lenient.at(name).asText()).as(where).isEqualTo("transfer");
      }
    }
  }

  /** Protobuf of A2A, and names of plain gRPC. */
  private void grpc() {
    byte[] body = new byte[5 + random.nextInt(60)];
    random.nextBytes(body);
    body[0] = (byte) random.nextInt(2);
    body[1] = 0;
    body[2] = 0;
    body[3] = 0;
    body[4] = (byte) (body.length - 5);
    String send = "/lf.a2a.v1.A2AService/SendMessage";
    ActionResult a2a = decide(Protocol.A2A, send, "application/grpc", body);
    assertThat(a2a).as("random bytes state no skill").isInstanceOf(ActionResult.Refused.class);
    String path = Mutations.of(random, "/bank.v1.Payments/Transfer");
    if (decide(Protocol.GRPC, path, "application/grpc", body) instanceof ActionResult.Allowed) {
      assertThat(path).isEqualTo("/bank.v1.Payments/Transfer");
    }
  }

  private ActionResult decide(Protocol protocol, String target, String type, byte[] body) {
    RequestHead head = new RequestHead("POST", target, List.of(new Field("Content-Type", type)));
    return Actions.decide(root, head, body, protocol);
  }

  @Test
  void aDelegationGrantsWhatEveryConstraintOfTheChainGrants() {
    for (int i = 0; i < 2_000; i++) {
      String mine = constraints();
      String theirs = constraints();
      String rule =
          "{\"action\":\"t\",\"mcp\":{\"names\":[\"transfer\"]},\"arguments\":[" + mine + "]}";
      RootContract parent =
          new World()
              .root(
                  PrivateKey.generate().publicKey(),
                  1,
                  List.of(),
                  List.of(World.rule(rule)),
                  Limits.NONE);
      List<Block> blocks = List.of(parent, World.narrowed(parent, "t", "[" + theirs + "]"));
      for (int amount = -1; amount <= 6; amount++) {
        RequestHead head =
            new RequestHead("POST", "/", List.of(new Field("Content-Type", "application/json")));
        byte[] body = MCP.replace("500", Integer.toString(amount)).getBytes(UTF_8);
        boolean allowed =
            Actions.decide(blocks, head, body, Protocol.MCP) instanceof ActionResult.Allowed;
        assertThat(allowed)
            .as("%s and %s at %s of seed %s", mine, theirs, amount, Seeds.seed())
            .isEqualTo(naive(mine, amount) && naive(theirs, amount));
      }
    }
  }

  private String constraints() {
    return String.join(
        ",", Stream.generate(this::constraint).limit(1 + random.nextInt(2)).toList());
  }

  private String constraint() {
    int number = random.nextInt(6);
    return switch (random.nextInt(3)) {
      case 0 -> "{\"pointer\":\"/amount\",\"maximum\":" + number + "}";
      case 1 -> "{\"pointer\":\"/amount\",\"minimum\":" + number + "}";
      default -> "{\"pointer\":\"/amount\",\"values\":[" + number + "," + (number + 2) + "]}";
    };
  }

  /** Read from the text, one constraint after the other. */
  private static boolean naive(String constraints, int amount) {
    for (String one : constraints.split("(?<=}),", 0)) {
      String numbers = one.replaceAll(".*:\\[?|[]}]+$", "");
      int first = Integer.parseInt(numbers.split(",", 0)[0]);
      boolean holds =
          one.contains("maximum")
              ? amount <= first
              : one.contains("minimum") ? amount >= first : amount == first || amount == first + 2;
      if (!holds) {
        return false;
      }
    }
    return true;
  }
}
