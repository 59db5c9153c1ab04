package dev.writ.sidecar.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The native provider gives the answers of the pure Java one, for good, bad and odd signatures.
 * (protocol.md, section 1)
 */
final class NativeEd25519Test {
  private static final byte[] MESSAGE = "a message".getBytes(UTF_8);
  private final Ed25519 fast = NativeEd25519.best();
  private final Ed25519 pure = Ed25519.bouncyCastle();

  @Test
  void theNativeProviderLoadsHere() {
    assertThat(fast.provider()).isEqualTo("corretto");
  }

  @Test
  void bothAgreeOnEveryFlippedBit() {
    PrivateKey key = PrivateKey.generate();
    byte[] signature = key.sign(MESSAGE);
    assertThat(fast.verify(key.publicKey(), MESSAGE, signature)).isTrue();
    for (int bit = 0; bit < signature.length * 8; bit++) {
      byte[] flipped = signature.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(fast.verify(key.publicKey(), MESSAGE, flipped)).as("bit " + bit).isFalse();
      assertThat(pure.verify(key.publicKey(), MESSAGE, flipped)).as("bit " + bit).isFalse();
    }
    assertThat(fast.verify(key.publicKey(), MESSAGE, new byte[63])).isFalse();
    assertThat(fast.verify(key.publicKey(), MESSAGE, new byte[0])).isFalse();
  }

  @Test
  void bothSignTheSame() {
    Random random = new Random(20261126);
    for (int length = 0; length < 300; length++) {
      PrivateKey key = PrivateKey.generate();
      byte[] message = new byte[length];
      random.nextBytes(message);
      Signer signer = NativeSigner.of(key);
      assertThat(signer).isInstanceOf(NativeSigner.class);
      assertThat(signer.publicKey()).isEqualTo(key.publicKey());
      assertThat(signer.sign(message)).isEqualTo(key.sign(message));
    }
  }

  @Test
  void bothAgreeOnThePublishedEdges() throws Exception {
    try (InputStream in = PublicKey.class.getResourceAsStream("/vectors/ed25519.json")) {
      JsonArray cases = (JsonArray) StrictJson.body(in.readAllBytes());
      assertThat(cases.items()).isNotEmpty();
      for (var item : cases.items()) {
        JsonObject input = (JsonObject) ((JsonObject) item).members().get("input");
        PublicKey key = PublicKey.unchecked(bytes(input, "public"));
        byte[] message = bytes(input, "message");
        byte[] signature = bytes(input, "signature");
        assertThat(fast.verify(key, message, signature))
            .isEqualTo(pure.verify(key, message, signature));
      }
    }
  }

  @Test
  void bothAgreeOnRandomKeysAndSignatures() throws MalformedException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    PrivateKey real = PrivateKey.generate();
    for (int i = 0; i < 2_000; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      byte[] signature = i % 2 == 0 ? real.sign(MESSAGE) : new byte[64];
      if (i % 2 == 1) {
        random.nextBytes(signature);
      } else {
        signature[random.nextInt(64)] = (byte) random.nextInt();
      }
      PublicKey odd = i % 3 == 0 ? real.publicKey() : PublicKey.unchecked(key);
      assertThat(fast.verify(odd, MESSAGE, signature))
          .as("seed " + seed)
          .isEqualTo(pure.verify(odd, MESSAGE, signature));
    }
  }

  private static byte[] bytes(JsonObject input, String name) {
    return HexFormat.of().parseHex(((JsonString) input.members().get(name)).value());
  }
}
