package dev.writ.contract.key;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;
import org.jspecify.annotations.Nullable;

/** An Ed25519 public key. Immutable; the check of its point is done once and kept. */
public final class PublicKey {
  /** Length of a key, bytes. */
  public static final int LENGTH = 32;

  private static final Set<String> JWK_MEMBERS = Set.of("kty", "crv", "x");

  private final byte[] bytes;
  private final String x;
  private final String thumbprint;
  private volatile @Nullable PublicPoint point;

  private PublicKey(byte[] bytes, String x) {
    this.bytes = bytes;
    this.x = x;
    this.thumbprint =
        Base64Url.encode(
            Digests.sha256("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" + x + "\"}"));
  }

  /**
   * A key that was checked: canonical, and in the prime-order subgroup (protocol.md, section 1);
   * else throws.
   */
  public static PublicKey of(byte[] raw32) throws MalformedException {
    return unchecked(raw32).checked();
  }

  /**
   * A checked key from a JWK of exactly {@code kty}, {@code crv}, {@code x}; white space is free.
   */
  public static PublicKey fromJwk(String jwk) throws MalformedException {
    return unchecked(StrictJson.body(jwk.getBytes(StandardCharsets.UTF_8))).checked();
  }

  /**
   * A key of the right length that nobody checked yet. Nothing verifies under it before it is a
   * point.
   */
  public static PublicKey unchecked(byte[] raw32) throws MalformedException {
    if (raw32.length != LENGTH) {
      throw new MalformedException("key: not 32 bytes");
    }
    byte[] copy = raw32.clone();
    return new PublicKey(copy, Base64Url.encode(copy));
  }

  /** An unchecked key from a JWK of exactly {@code kty}, {@code crv}, {@code x}. */
  public static PublicKey unchecked(JsonValue jwk) throws MalformedException {
    if (!(jwk instanceof JsonObject object) || !object.members().keySet().equals(JWK_MEMBERS)) {
      throw new MalformedException("key: a JWK has exactly kty, crv and x");
    }
    if (!text(object, "kty").equals("OKP") || !text(object, "crv").equals("Ed25519")) {
      throw new MalformedException("key: not an Ed25519 JWK");
    }
    return unchecked(Base64Url.decode(text(object, "x")));
  }

  /** This key after the check of its point (done once); throws when it fails. */
  public PublicKey checked() throws MalformedException {
    if (!isValid()) {
      throw new MalformedException("key: not a canonical point of the prime-order subgroup");
    }
    return this;
  }

  /** Whether the point is canonical and in the prime-order subgroup. */
  public boolean isValid() {
    return point() != null;
  }

  /** The decoded point, null when the key is not valid. A valid one is decoded once. */
  @Nullable PublicPoint point() {
    PublicPoint known = point;
    if (known == null) {
      known = org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFullExport(bytes, 0);
      point = known;
    }
    return known;
  }

  /** The key, 32 bytes, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The key as in a JWK, 43 characters of base64url. */
  public String x() {
    return x;
  }

  /** RFC 7638 thumbprint, 43 characters of base64url. */
  public String thumbprint() {
    return thumbprint;
  }

  /** The JWK of exactly {@code kty}, {@code crv}, {@code x}. */
  public String toJwk() {
    JsonWriter json = new JsonWriter();
    return json.beginObject()
        .member("kty", "OKP")
        .member("crv", "Ed25519")
        .member("x", x)
        .endObject()
        .toString();
  }

  private static String text(JsonObject object, String name) throws MalformedException {
    if (object.get(name) instanceof JsonValue.JsonString string) {
      return string.value();
    }
    throw new MalformedException("key: " + name + " is not a string");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PublicKey that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "PublicKey[" + thumbprint + "]";
  }
}
