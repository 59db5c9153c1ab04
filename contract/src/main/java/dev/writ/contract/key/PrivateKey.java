package dev.writ.contract.key;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Set;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 private key in memory. Does not print, compare or serialize; only {@link #toJwk()}
 * gives it away.
 */
public final class PrivateKey implements Signer {
  private static final int SEED = 32;
  private static final Set<String> JWK_MEMBERS = Set.of("kty", "crv", "x", "d");

  private final byte[] seed;
  private final byte[] publicBytes;
  private final PublicKey publicKey;

  private PrivateKey(byte[] seed) throws MalformedException {
    this.seed = seed;
    this.publicBytes = new byte[PublicKey.LENGTH];
    Ed25519.generatePublicKey(seed, 0, publicBytes, 0);
    this.publicKey = PublicKey.of(publicBytes);
  }

  /** A new key from the platform's secure random source. */
  public static PrivateKey generate() {
    byte[] seed = new byte[SEED];
    new SecureRandom().nextBytes(seed);
    try {
      return new PrivateKey(seed);
    } catch (MalformedException e) {
      throw new IllegalStateException("a generated key is a point of the subgroup", e);
    }
  }

  /** The key of this 32-byte seed (RFC 8032). */
  public static PrivateKey of(byte[] seed) throws MalformedException {
    if (seed.length != SEED) {
      throw new MalformedException("key: not 32 bytes");
    }
    return new PrivateKey(seed.clone());
  }

  /**
   * Reads a JWK of exactly {@code kty}, {@code crv}, {@code x}, {@code d} (RFC 8037); x must belong
   * to d.
   */
  public static PrivateKey fromJwk(String jwk) throws MalformedException {
    if (!(StrictJson.body(jwk.getBytes(StandardCharsets.UTF_8)) instanceof JsonObject object)
        || !object.members().keySet().equals(JWK_MEMBERS)) {
      throw new MalformedException("key: a private JWK has exactly kty, crv, x and d");
    }
    if (!text(object, "kty").equals("OKP") || !text(object, "crv").equals("Ed25519")) {
      throw new MalformedException("key: not an Ed25519 JWK");
    }
    PrivateKey key = of(Base64Url.decode(text(object, "d")));
    if (!key.publicKey.x().equals(text(object, "x"))) {
      throw new MalformedException("key: x does not belong to d");
    }
    return key;
  }

  @Override
  public PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
    Ed25519.sign(seed, 0, publicBytes, 0, message, 0, message.length, signature, 0);
    return signature;
  }

  /** The secret, 32 bytes, a copy: for a provider that signs in this one's stead. */
  public byte[] seed() {
    return seed.clone();
  }

  /** The secret as a JWK (RFC 8037). */
  public String toJwk() {
    JsonWriter json = new JsonWriter().beginObject().member("kty", "OKP").member("crv", "Ed25519");
    return json.member("x", publicKey.x())
        .member("d", Base64Url.encode(seed))
        .endObject()
        .toString();
  }

  private static String text(JsonObject object, String name) throws MalformedException {
    if (object.get(name) instanceof JsonString string) {
      return string.value();
    }
    throw new MalformedException("key: " + name + " is not a string");
  }

  /** Names the key, without the secret. */
  @Override
  public String toString() {
    return "PrivateKey[" + publicKey.thumbprint() + "]";
  }
}
