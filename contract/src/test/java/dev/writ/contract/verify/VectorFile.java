package dev.writ.contract.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A file of vectors that is made here, from fixed keys and with fixed ids, so that each run makes
 * the same bytes; {@code -Dgolden=write} writes it anew.
 */
final class VectorFile {
  static final String BOOT = "00c0ffee00c0ffee";
  private static final Moment NOW = World.MOMENT;

  final PrivateKey issuer = key(1);
  final PrivateKey holder = key(2);
  private final Path path;
  private final List<String> vectors = new ArrayList<>();

  /** Empty; {@code name} is that of the file. */
  VectorFile(String name) {
    path = Path.of("src/main/resources/vectors", name);
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static PrivateKey key(int value) {
    try {
      return PrivateKey.of(filled(value));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first of a challenge of the holder. */
  String nonce() throws MalformedException {
    Challenges replica = new Challenges(Long.parseUnsignedLong(BOOT, 16), filled(3), NOW, -1);
    return replica.mint(holder.publicKey().thumbprint(), NOW.monotonicMillis() << 20) + ".1";
  }

  /** A root contract of the holder. */
  String contract(List<Rule> rules) {
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
            rules.stream().map(Rule::action).toList(),
            rules,
            Limits.NONE,
            true,
            false,
            false)
        .sign(issuer);
  }

  /** A request and what becomes of it on a port of that protocol. */
  void request(
      String name, int section, RequestHead head, byte[] body, String protocol, String outcome)
      throws MalformedException {
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
    input.endArray().member("body", Base64.getEncoder().encodeToString(body)).endObject();
    add(name, section, input.toString(), protocol, "{\"outcome\":\"" + outcome + "\"}");
  }

  /** Any vector, its input and what is expected as JSON. */
  void add(String name, int section, String input, String protocol, String expect)
      throws MalformedException {
    String trust = TrustBundle.of(List.of(issuer.publicKey())).toJson();
    vectors.add(
        new JsonWriter()
            .beginObject()
            .member("name", name)
            .member("section", section)
            .member("input", StrictJson.body(input.getBytes(UTF_8)))
            .member("trust", StrictJson.body(trust.getBytes(UTF_8)))
            .name("revocations")
            .nullValue()
            .member("now", NOW.epochSeconds())
            .member("mode", "standalone")
            .member("service", World.AUD)
            .member("protocol", protocol)
            .name("replica")
            .beginObject()
            .member("boot", BOOT)
            .member("secret", "03".repeat(32))
            .member("monoMs", NOW.monotonicMillis())
            .member("watermark", "0")
            .endObject()
            .member("expect", StrictJson.body(expect.getBytes(UTF_8)))
            .endObject()
            .toString());
  }

  /** The file holds these and nothing else. */
  void assertWritten() throws IOException {
    String made = "[\n" + String.join(",\n", vectors) + "\n]\n";
    if ("write".equals(System.getProperty("golden"))) {
      Files.writeString(path, made);
    }
    assertThat(made).isEqualTo(Files.readString(path));
  }
}
