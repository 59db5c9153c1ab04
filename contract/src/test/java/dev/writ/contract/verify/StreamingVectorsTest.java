package dev.writ.contract.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.document.Rule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Vectors of the variant of section 2 without {@code content-digest}: the opening of a stream of
 * gRPC, and what is refused everywhere else. Made here from fixed keys; {@code -Dgolden=write}
 * writes the file anew, {@link VectorsTest} runs it.
 */
class StreamingVectorsTest {
  private static final Moment NOW = World.MOMENT;
  private static final String WATCH = "/bank.v1.Payments/Watch";
  private static final String TRANSFER = "/bank.v1.Payments/Transfer";
  private static final String GRPC = "application/grpc";
  private static final String UNARY =
      "{\"action\":\"pay\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Transfer\"]}}";
  private static final String STREAMS =
      "{\"action\":\"watch\",\"grpc\":{\"service\":\"bank.v1.Payments\",\"methods\":[\"Watch\"],"
          + "\"streaming\":true}}";
  private static final byte[] NONE = new byte[0];
  private static final byte[] ONE = message("pay");
  private static final byte[] TWO = join(message("pay"), message("more"));

  private final VectorFile file = new VectorFile("streaming.json");

  private static byte[] message(String text) {
    return ByteBuffer.allocate(5 + text.length())
        .put((byte) 0)
        .putInt(text.length())
        .put(text.getBytes(UTF_8))
        .array();
  }

  private static byte[] join(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }

  /**
   * A request before it is signed.
   *
   * @param protocol of the listener
   * @param digest whether the proof covers the body
   */
  private record Draft(
      String protocol,
      String method,
      String target,
      String type,
      boolean digest,
      List<String> rules) {
    Draft on(String other) {
      return new Draft(other, method, target, type, digest, rules);
    }

    Draft by(String other) {
      return new Draft(protocol, other, target, type, digest, rules);
    }

    Draft of(String other) {
      return new Draft(protocol, method, target, other, digest, rules);
    }
  }

  @Test
  void theFileIsWhatIsMadeHere() throws Exception {
    // When
    openings();
    shapes();
    bodies();
    // Then
    file.assertWritten();
  }

  private static Draft opening(String target, String... rules) {
    return new Draft("grpc", "POST", target, GRPC, false, List.of(rules));
  }

  private static Draft whole(String target, String... rules) {
    return new Draft("grpc", "POST", target, GRPC, true, List.of(rules));
  }

  /** Where the variant stands, and where not. */
  private void openings() throws Exception {
    Draft watch = opening(WATCH, UNARY, STREAMS);
    signed("opening", watch, NONE, "allow");
    signed("opening-of-a-subtype", watch.of("application/grpc+proto"), NONE, "allow");
    signed("rule-of-another-method", opening(TRANSFER, UNARY, STREAMS), NONE, "action-not-granted");
    signed("no-rule-streams", opening(TRANSFER, UNARY), NONE, "malformed");
    for (String other : List.of("http", "mcp", "a2a")) {
      signed("on-a-port-of-" + other, watch.on(other), NONE, "malformed");
    }
    signed("another-method-of-http", watch.by("PUT"), NONE, "action-not-granted");
    signed("not-of-grpc", watch.of("application/json"), NONE, "unsupported-media-type");
    signed("of-grpc-web", watch.of("application/grpc-web"), NONE, "unsupported-media-type");
  }

  /** The shape of the proof follows the fields that are there. */
  private void shapes() throws Exception {
    Draft open = opening(WATCH, STREAMS);
    Draft whole = whole(WATCH, STREAMS);
    Field digest = new Field("Content-Digest", RequestSigner.contentDigest(NONE));
    List<Field> opened = fields(open, NONE);
    List<Field> covered = fields(whole, NONE);
    vector("digest-that-the-proof-leaves-out", open, with(opened, digest), "invalid-proof");
    vector("digest-taken-away", open, without(covered, "Content-Digest"), "invalid-proof");
    vector(
        "digest-named-and-not-sent",
        open,
        replaced(opened, "\"@request-target\" ", "\"@request-target\" \"content-digest\" "),
        "invalid-proof");
    vector(
        "digest-of-no-syntax",
        open,
        with(opened, new Field("Content-Digest", "sha-256=x")),
        "malformed");
    vector(
        "without-contract-in-the-proof",
        open,
        replaced(opened, " \"capability-contract\"", ""),
        "invalid-proof");
    vector("signed-for-another-method", opening(TRANSFER, STREAMS), opened, "invalid-proof");
  }

  /** With a digest the body is read: one message, unless the rule says more. */
  private void bodies() throws Exception {
    Draft pay = whole(TRANSFER, UNARY);
    Draft watch = whole(WATCH, STREAMS);
    signed("one-message", pay, ONE, "allow");
    signed("two-messages", pay, TWO, "action-not-granted");
    signed("two-messages-where-the-rule-streams", watch, TWO, "allow");
    signed("half-a-message", pay, Arrays.copyOf(ONE, 7), "malformed");
    signed("half-a-prefix", watch, Arrays.copyOf(ONE, 3), "malformed");
    signed("a-message-and-a-half", watch, Arrays.copyOf(TWO, 12), "malformed");
    byte[] flag = ONE.clone();
    flag[0] = 2;
    signed("unknown-flag", pay, flag, "malformed");
    byte[] huge = ONE.clone();
    huge[1] = (byte) 0xff;
    signed("length-beyond-the-body", pay, huge, "malformed");
    vector("another-message-than-signed", pay, fields(pay, ONE), message("abc"), "digest-mismatch");
  }

  private void signed(String name, Draft draft, byte[] body, String outcome) throws Exception {
    vector(name, draft, fields(draft, body), body, outcome);
  }

  private List<Field> fields(Draft draft, byte[] body) throws Exception {
    String nonce = file.nonce();
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("Host", "agent-b.bank"));
    fields.add(new Field("Capability-Contract", contract(draft)));
    fields.add(new Field("Content-Type", draft.type()));
    fields.addAll(
        draft.digest()
            ? RequestSigner.sign(
                file.holder,
                draft.method(),
                draft.target(),
                fields,
                body,
                nonce,
                NOW.epochSeconds())
            : RequestSigner.signOpening(
                file.holder, draft.method(), draft.target(), fields, nonce, NOW.epochSeconds()));
    return fields;
  }

  private String contract(Draft draft) throws Exception {
    List<Rule> rules = new ArrayList<>();
    for (String rule : draft.rules()) {
      rules.add(World.rule(rule));
    }
    return file.contract(rules);
  }

  private static List<Field> with(List<Field> fields, Field one) {
    List<Field> all = new ArrayList<>(fields);
    all.add(one);
    return all;
  }

  private static List<Field> without(List<Field> fields, String name) {
    return fields.stream().filter(field -> !field.name().equals(name)).toList();
  }

  private static List<Field> replaced(List<Field> fields, String from, String to) {
    return fields.stream()
        .map(field -> new Field(field.name(), field.value().replace(from, to)))
        .toList();
  }

  private void vector(String name, Draft draft, List<Field> fields, String outcome)
      throws Exception {
    vector(name, draft, fields, NONE, outcome);
  }

  private void vector(String name, Draft draft, List<Field> fields, byte[] body, String outcome)
      throws Exception {
    RequestHead head = new RequestHead(draft.method(), draft.target(), fields);
    file.request("streaming/" + name, 2, head, body, draft.protocol(), outcome);
  }
}
