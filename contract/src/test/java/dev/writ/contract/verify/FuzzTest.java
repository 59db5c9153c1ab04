package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Members;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.grant.Actions;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Mutations of valid inputs through every parser: never anything but a value, a {@link
 * MalformedException} or a refusal. {@code -Dwrit.fuzz=1000000} for many.
 */
class FuzzTest {
  private static final String RULES =
      "[{\"action\":\"t\",\"http\":{\"methods\":[\"POST\"],\"paths\":[{\"type\":\"Template\",\"value\":\"/v1/{id}/x\"}],"
          + "\"upgrade\":\"websocket\"},\"arguments\":[{\"pointer\":\"/a~1b/0\",\"minimum\":-1.5,\"maximum\":500,\"values\":[1,\"x\",null,true]},"
          + "{\"query\":\"q\",\"pattern\":\"[a-z]{1,3}(x|y)*\",\"maxLength\":5,\"required\":false},{\"path\":\"id\",\"pattern\":\"\\\\d+\"}]},"
          + "{\"action\":\"m\",\"mcp\":{\"methods\":[\"tools/call\"],\"names\":[\"get_*\"]},\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":5}]},"
          + "{\"action\":\"b\",\"a2a\":{\"operations\":[\"SendMessage\"],\"skills\":[\"s\"],\"textParts\":\"Deny\",\"tasks\":\"Any\"}},"
          + "{\"action\":\"g\",\"grpc\":{\"service\":\"p.S\",\"methods\":[\"M\"]}}]";
  private static final String MCP =
      "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"get_x\",\"arguments\":{\"amount\":1e0,\"\\u00e9\":[\"\\ud83d\\ude00\"]}}}";

  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();
  private final Random random = Seeds.random();
  private final int inputs = Seeds.inputs(2_000);

  /** Something that takes a text. */
  private interface Parser {
    void parse(String text) throws Exception;
  }

  private void mutate(String name, List<String> corpus, Parser parser) {
    for (int i = 0; i < inputs; i++) {
      String text = Mutations.of(random, corpus.get(random.nextInt(corpus.size())));
      try {
        parser.parse(text);
      } catch (MalformedException e) {
        assertThat(e.getMessage()).isNotEmpty();
      } catch (Exception | StackOverflowError e) {
        fail(name + ", input " + i + " of seed " + Seeds.seed() + ": " + text, e);
      }
    }
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatStrictJsonReadsItWritesAndReadsAgain() {
    mutate(
        "json",
        List.of(MCP, RULES, "{\"a\":[1.5,-0,1E+2,\"\\n\"],\"b\":{}} "),
        text -> {
          String written = new JsonWriter().value(StrictJson.body(latin1(text))).toString();
          JsonValue again = StrictJson.body(written.getBytes(StandardCharsets.UTF_8));
          assertThat(new JsonWriter().value(again)).hasToString(written);
        });
    mutate("document", List.of(RULES), text -> StrictJson.document(latin1(text)));
  }

  @Test
  void shortTextsNeverDoMore() {
    mutate(
        "base64url",
        List.of(holder.publicKey().x()),
        text -> assertThat(Base64Url.encode(Base64Url.decode(text))).isEqualTo(text));
    mutate(
        "id",
        List.of(World.AUD, World.workload("a")),
        text -> assertThat(SpiffeId.parse(text)).hasToString(text));
    mutate("issuer", List.of(World.ISS), SpiffeId::issuerTrustDomain);
    mutate("target", List.of("/v1/a%20b/..x;y/%E2%82%AC?q=1&r=%41+"), Target::parse);
    mutate("jwk", List.of(holder.publicKey().toJwk()), PublicKey::fromJwk);
    mutate("private jwk", List.of(holder.toJwk()), PrivateKey::fromJwk);
    mutate("trust", List.of(world.trust().toJson()), TrustBundle::parse);
  }

  @Test
  void documentsNeverDoMore() {
    List<Rule> rules = rules();
    RootContract root =
        new RootContract(
            World.ISS,
            World.workload("agent-a"),
            World.AUD,
            World.NOW,
            World.NOW - 30,
            World.NOW + 900,
            World.uuid(),
            World.uuid(),
            1,
            holder.publicKey(),
            2,
            List.of(World.workload("b")),
            List.of("t", "m", "b", "g"),
            rules,
            new Limits(5L, new Limits.Rate(1, 60), 3),
            false,
            true,
            true);
    String identity = world.identity("b", holder.publicKey());
    String revocations =
        new RevocationList(
                World.ISS,
                World.NOW,
                World.NOW + 60,
                4,
                Set.of(World.uuid()),
                Set.of(World.uuid()),
                Set.of(holder.publicKey().thumbprint()),
                Map.of(World.uuid(), 3L))
            .sign(world.issuer);
    for (String jws : List.of(root.sign(world.issuer), identity, revocations)) {
      String[] parts = jws.split("\\.", -1);
      String payload = payload(parts[1]);
      mutate(
          "payload",
          List.of(payload),
          text -> read(parts[0] + "." + Base64Url.encode(latin1(text)) + "." + parts[2]));
      mutate(
          "header",
          List.of(payload(parts[0])),
          text -> read(Base64Url.encode(latin1(text)) + "." + parts[1] + "." + parts[2]));
      mutate("jws", List.of(jws), this::read);
    }
  }

  @Test
  void delegationsAndWhatCarriesThemNeverDoMore() throws Exception {
    String root =
        world
            .root(
                holder.publicKey(),
                2,
                List.of(World.workload("b")),
                List.of(World.rule(World.TRANSFER)),
                Limits.NONE)
            .sign(world.issuer);
    String delegation =
        world
            .delegation(
                holder.publicKey(),
                root,
                "b",
                holder.publicKey(),
                1,
                2,
                List.of(World.workload("b")),
                List.of("transfer"))
            .sign(holder);
    String[] parts = delegation.split("\\.", -1);
    mutate(
        "delegation",
        List.of(payload(parts[1])),
        text -> SignedBlock.read(parts[0] + "." + Base64Url.encode(latin1(text)) + "." + parts[2]));
    mutate(
        "attenuation",
        List.of(
            "{\"actions\":[\"t\"],\"arguments\":{\"t\":[{\"pointer\":\"/a\",\"maximum\":5}]},"
                + "\"limits\":{\"calls\":3},\"del_max_depth\":1,\"del_to\":[\""
                + World.workload("b")
                + "\"]}"),
        text -> Attenuation.read(Members.of("request", StrictJson.document(latin1(text)))));
    String onward = root + ", " + delegation + " ; " + root + ", " + delegation + ", " + delegation;
    mutate("onward", List.of(onward, "a.b.c, d.e.f"), text -> OnwardChains.split(text, "i.i.i"));
    mutate("onward identities", List.of("i.i.i"), text -> OnwardChains.split(onward, text));
    Verifier verifier =
        new Verifier(
            Ed25519.bouncyCastle(), new Challenges(new SecureRandom(), World.MOMENT, 64), 1 << 20);
    verifier.trust(world.trust());
    String chain = root + ", " + delegation;
    String identity = world.identity("b", holder.publicKey());
    Revocations none = new Revocations.Unconfigured();
    assertThat(verifier.onward(chain, identity, none, World.MOMENT))
        .isInstanceOf(ChainResult.Verified.class);
    mutate(
        "chain",
        List.of(chain),
        text ->
            assertThat(
                    text.equals(chain)
                        || verifier.onward(text, identity, none, World.MOMENT)
                            instanceof ChainResult.Rejected)
                .isTrue());
    mutate(
        "identity",
        List.of(identity),
        text ->
            assertThat(
                    text.equals(identity)
                        || verifier.onward(chain, text, none, World.MOMENT)
                            instanceof ChainResult.Rejected)
                .isTrue());
  }

  private List<Rule> rules() {
    try {
      List<Rule> rules = new ArrayList<>();
      for (JsonValue item : ((JsonValue.JsonArray) StrictJson.document(latin1(RULES))).items()) {
        rules.add(Rule.read("rule", item));
      }
      return rules;
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String payload(String part) {
    try {
      return new String(Base64Url.decode(part), StandardCharsets.ISO_8859_1);
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read(String jws) throws MalformedException {
    MalformedException last = null;
    for (Parser parser :
        List.<Parser>of(
            SignedBlock::read, IdentityCredential::unverified, RevocationList::unverified)) {
      try {
        parser.parse(jws);
      } catch (MalformedException e) {
        last = e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    if (last != null) {
      throw last;
    }
  }

  @Test
  void constraintsNeverDoMore() {
    mutate(
        "constraint",
        List.of(
            "{\"query\":\"q\",\"pattern\":\"(?i)[a-z]{1,30}(x|\\\\pL)*\",\"maxLength\":5}",
            "{\"path\":\"q\",\"pattern\":\"((a{9}){9})+?[^)]\"}"),
        text -> {
          Constraint constraint = Constraint.read("c", StrictJson.document(latin1(text)));
          assertThat(
                  constraint.pattern() == null
                      || !constraint.pattern().matches("a\0".repeat(40_000)))
              .isTrue();
        });
  }

  @Test
  void bodiesNeverDoMore() {
    RootContract root = world.root(holder.publicKey(), 0, List.of(), rules(), Limits.NONE);
    List<Field> fields =
        List.of(
            new Field("Content-Type", "application/json"), new Field("Mcp-Method", "tools/call"));
    RequestHead post = new RequestHead("POST", "/v1/7/x?q=a", fields);
    mutate("mcp", List.of(MCP), text -> Actions.decide(root, post, latin1(text), Protocol.MCP));
    mutate(
        "http",
        List.of("{\"a/b\":[1]}"),
        text -> Actions.decide(root, post, latin1(text), Protocol.HTTP));
    mutate(
        "target",
        List.of("/v1/7/x?q=a&q=b&r=%20"),
        text ->
            Actions.decide(
                root, new RequestHead("POST", text, fields), latin1("{}"), Protocol.HTTP));
  }

  @Test
  void headsNeverDoMore() throws Exception {
    Challenges challenges = new Challenges(new SecureRandom(), World.MOMENT, 64);
    Verifier verifier = new Verifier(Ed25519.bouncyCastle(), challenges, 1 << 20);
    verifier.trust(world.trust());
    String contract =
        world.root(holder.publicKey(), 0, List.of(), rules(), Limits.NONE).sign(world.issuer);
    String nonce = challenges.mint(holder.publicKey().thumbprint(), World.MOMENT) + ".1";
    RequestHead good =
        World.request(
            holder,
            contract,
            "POST",
            "/v1/7/x",
            latin1("{}"),
            nonce,
            new Field("Capability-Delegation", contract + ", " + contract),
            new Field("Capability-Parent", "0011223344556677.42"),
            new Field("Connection", "close"));
    assertThat(verifier.head(good, World.LISTENER, new Revocations.Unconfigured(), World.MOMENT))
        .isInstanceOf(Proven.class);
    for (int i = 0; i < inputs; i++) {
      List<Field> fields = new ArrayList<>(good.fields());
      int at = random.nextInt(fields.size());
      Field field = fields.get(at);
      fields.set(
          at,
          random.nextInt(4) == 0
              ? new Field(Mutations.of(random, field.name()), field.value())
              : new Field(field.name(), Mutations.of(random, field.value())));
      RequestHead head =
          new RequestHead(
              good.method(),
              random.nextInt(20) == 0 ? Mutations.of(random, good.target()) : good.target(),
              fields);
      HeadResult result =
          verifier.head(head, World.LISTENER, new Revocations.Unconfigured(), World.MOMENT);
      boolean same = head.target().equals(good.target()) && covered(head).equals(covered(good));
      assertThat(result instanceof Refusal || same)
          .as("input %d of seed %d: %s", i, Seeds.seed(), head)
          .isTrue();
    }
  }

  private static List<String> covered(RequestHead head) {
    List<String> covered = new ArrayList<>();
    for (Field field : head.fields()) {
      String name = field.name().toLowerCase(java.util.Locale.ROOT);
      if (name.startsWith("capability-")
          || name.startsWith("content-")
          || name.startsWith("signature")) {
        covered.add(name + ":" + field.value());
      }
    }
    return covered;
  }
}
