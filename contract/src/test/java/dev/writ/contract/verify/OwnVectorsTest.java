package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Vectors of rules that the others leave out, made here from fixed keys: the file is what this
 * writes. {@code -Dgolden=write} writes it anew; {@link VectorsTest} runs it.
 */
class OwnVectorsTest {
  private static final Path FILE = Path.of("src/main/resources/vectors/own.json");
  private static final String BOOT = "00c0ffee00c0ffee";
  private static final byte[] SECRET = filled(3);
  private static final Moment NOW = World.MOMENT;

  private final PrivateKey issuer = key(1);
  private final PrivateKey holder = key(2);
  private final List<String> vectors = new ArrayList<>();

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static PrivateKey key(int value) {
    try {
      return PrivateKey.of(filled(value));
    } catch (dev.writ.contract.MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFileIsWhatIsMadeHere() throws Exception {
    // When
    headers();
    fields();
    windows();
    String made = "[\n" + String.join(",\n", vectors) + "\n]\n";
    // Then
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(FILE, made);
    }
    assertThat(made).isEqualTo(Files.readString(FILE));
  }

  /** Section 1: the header of a JWS. */
  private void headers() throws Exception {
    String kid = issuer.publicKey().thumbprint();
    String good = "{\"alg\":\"Ed25519\",\"typ\":\"cap-contract+jwt\",\"kid\":\"" + kid + "\"}";
    header("control", good, "allow");
    header("alg-eddsa", good.replace("Ed25519", "EdDSA"), "invalid-contract");
    header("alg-lower-case", good.replace("Ed25519", "ed25519"), "invalid-contract");
    header("typ-jwt", good.replace("cap-contract+jwt", "JWT"), "invalid-contract");
    header("typ-of-an-identity", good.replace("cap-contract", "cap-identity"), "invalid-contract");
    header("kid-of-nobody", good.replace(kid, holder.publicKey().thumbprint()), "invalid-contract");
    for (String member : List.of("crit", "jku", "jwk", "x5u", "x5c", "b64", "cty", "zip")) {
      header(
          "member-" + member, good.replace("}", ",\"" + member + "\":\"x\"}"), "invalid-contract");
    }
    header("member-twice", good.replace("}", ",\"alg\":\"Ed25519\"}"), "invalid-contract");
    header("white-space", good.replace(",", ", "), "invalid-contract");
    header("byte-order-mark", "\ufeff" + good, "invalid-contract");
  }

  private void header(String name, String header, String outcome) throws Exception {
    String payload = contract().split("\\.", -1)[1];
    String input = Base64Url.encode(header.getBytes(StandardCharsets.UTF_8)) + "." + payload;
    String jws =
        input + "." + Base64Url.encode(issuer.sign(input.getBytes(StandardCharsets.US_ASCII)));
    request("own/header/" + name, 1, jws, outcome);
  }

  /** Section 2: fields that are for later calls, and for records. */
  private void fields() throws Exception {
    parent("control", BOOT + ".17", "allow");
    parent("boot-upper-case", "00C0FFEE00C0FFEE.17", "malformed");
    parent("boot-short", "c0ffee.17", "malformed");
    parent("without-seq", BOOT, "malformed");
    parent("seq-zero", BOOT + ".0", "malformed");
    parent("seq-leading-zero", BOOT + ".017", "malformed");
    parent("two", BOOT + ".17, " + BOOT + ".18", "malformed");
    onward("control", "a.b.c, d.e.f ; a.b.c, d.e.f", "allow");
    onward("no-space-after-comma", "a.b.c,d.e.f", "malformed");
    onward("no-space-before-semicolon", "a.b.c, d.e.f; a.b.c, d.e.f", "malformed");
    onward("nothing-after-semicolon", "a.b.c, d.e.f ; ", "malformed");
    onward("not-a-jws", "a.b, d.e.f", "malformed");
    onward("four-parts", "a.b.c.d, d.e.f", "malformed");
    onward("another-alphabet", "a.b+c.c, d.e.f", "malformed");
  }

  private void parent(String name, String value, String outcome) throws Exception {
    request("own/parent/" + name, 2, contract(), outcome, new Field("Capability-Parent", value));
  }

  private void onward(String name, String value, String outcome) throws Exception {
    request(
        "own/delegation/" + name,
        2,
        contract(),
        outcome,
        new Field("Capability-Delegation", value));
  }

  /** Section 3: below the window, and below sixteen windows. */
  private void windows() throws Exception {
    String seqs = "{\"kind\":\"window\",\"seqs\":[1,1026,1,2,3,3,2049,1025,1026]}";
    vectors.add(
        vector(
            "own/window/below-it-nothing-is-admitted",
            3,
            seqs,
            "{\"outcome\":\"allow\",\"admitted\":[true,true,false,false,true,false,true,false,false]}"));
    String jkt = holder.publicKey().thumbprint();
    List<String> ops = new ArrayList<>();
    for (int issued : IntStream.concat(IntStream.range(10, 26), IntStream.of(5, 9)).toArray()) {
      ops.add("{\"jkt\":\"" + jkt + "\",\"issued\":\"" + issued + "\",\"seq\":1}");
    }
    vectors.add(
        vector(
            "own/windows/a-new-one-below-all-sixteen-is-refused",
            3,
            "{\"kind\":\"windows\",\"ops\":[" + String.join(",", ops) + "]}",
            "{\"outcome\":\"allow\",\"admitted\":[" + "true,".repeat(16) + "false,false]}"));
  }

  private String contract() {
    return new RootContract(
            World.ISS,
            World.workload("agent-a"),
            World.AUD,
            World.NOW,
            World.NOW - 30,
            World.NOW + 900,
            "01955f6e-7c1a-7d50-8a44-6f1f9b6c2d10",
            "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11",
            1,
            holder.publicKey(),
            0,
            List.of(),
            List.of("report"),
            List.of(World.rule(World.REPORT)),
            Limits.NONE,
            true,
            false,
            false)
        .sign(issuer);
  }

  private void request(String name, int section, String contract, String outcome, Field... more)
      throws Exception {
    Challenges replica = new Challenges(Long.parseUnsignedLong(BOOT, 16), SECRET, NOW, -1);
    String nonce =
        replica.mint(holder.publicKey().thumbprint(), NOW.monotonicMillis() << 20) + ".1";
    RequestHead head =
        World.request(holder, contract, "GET", "/v1/reports/7", new byte[0], nonce, more);
    JsonWriter input =
        new JsonWriter()
            .beginObject()
            .member("kind", "request")
            .member("method", head.method())
            .member("target", head.target())
            .name("headers")
            .beginArray();
    for (Field field : head.fields()) {
      input.beginArray().value(field.name()).value(field.value()).endArray();
    }
    input.endArray().member("body", "").endObject();
    vectors.add(vector(name, section, input.toString(), "{\"outcome\":\"" + outcome + "\"}"));
  }

  private String vector(String name, int section, String input, String expect) throws Exception {
    String trust = TrustBundle.of(List.of(issuer.publicKey())).toJson();
    return new JsonWriter()
        .beginObject()
        .member("name", name)
        .member("section", section)
        .member("input", StrictJson.body(input.getBytes(StandardCharsets.UTF_8)))
        .member("trust", StrictJson.body(trust.getBytes(StandardCharsets.UTF_8)))
        .name("revocations")
        .nullValue()
        .member("now", NOW.epochSeconds())
        .member("mode", "standalone")
        .member("service", World.AUD)
        .member("protocol", "http")
        .name("replica")
        .beginObject()
        .member("boot", BOOT)
        .member("secret", "03".repeat(32))
        .member("monoMs", NOW.monotonicMillis())
        .member("watermark", "0")
        .endObject()
        .member("expect", StrictJson.body(expect.getBytes(StandardCharsets.UTF_8)))
        .endObject()
        .toString();
  }
}
