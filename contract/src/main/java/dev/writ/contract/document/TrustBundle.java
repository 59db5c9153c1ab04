package dev.writ.contract.document;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The issuer keys that a verifier trusts, by thumbprint (protocol.md, section 1). Immutable. */
public final class TrustBundle {
  private final Map<String, PublicKey> keys;

  private TrustBundle(Map<String, PublicKey> keys) {
    this.keys = Collections.unmodifiableMap(keys);
  }

  /**
   * Reads a JWKS. Each key has {@code kty}, {@code crv}, {@code x}; {@code kid}, {@code alg} and
   * {@code use} may be there and must be right. Anything else throws.
   */
  public static TrustBundle parse(String jwks) throws MalformedException {
    Members set = Members.of("jwks", StrictJson.body(jwks.getBytes(StandardCharsets.UTF_8)));
    Map<String, PublicKey> keys = new LinkedHashMap<>();
    for (JsonValue item : set.array("keys")) {
      PublicKey key = key(Members.of("jwks key " + keys.size(), item));
      if (keys.put(key.thumbprint(), key) != null) {
        throw set.error("a key twice");
      }
    }
    set.end();
    return new TrustBundle(keys);
  }

  /** A bundle of these keys, in their order. */
  public static TrustBundle of(Collection<PublicKey> keys) {
    Map<String, PublicKey> map = new LinkedHashMap<>();
    keys.forEach(key -> map.put(key.thumbprint(), key));
    return new TrustBundle(map);
  }

  private static PublicKey key(Members jwk) throws MalformedException {
    jwk.constant("kty", "OKP");
    jwk.constant("crv", "Ed25519");
    PublicKey key = PublicKey.of(Base64Url.decode(jwk.string("x")));
    if (jwk.has("kid")) {
      jwk.constant("kid", key.thumbprint());
    }
    if (jwk.has("alg")) {
      jwk.constant("alg", "Ed25519");
    }
    if (jwk.has("use")) {
      jwk.constant("use", "sig");
    }
    jwk.end();
    return key;
  }

  /** The key of that thumbprint. */
  public Optional<PublicKey> key(String kid) {
    return Optional.ofNullable(keys.get(kid));
  }

  /** All keys, in their order. */
  public Collection<PublicKey> keys() {
    return keys.values();
  }

  /** The JWKS that {@link #parse} reads. */
  public String toJson() {
    JsonWriter json = new JsonWriter().beginObject().name("keys").beginArray();
    for (PublicKey key : keys.values()) {
      json.beginObject().member("kty", "OKP").member("crv", "Ed25519").member("x", key.x());
      json.member("kid", key.thumbprint())
          .member("alg", "Ed25519")
          .member("use", "sig")
          .endObject();
    }
    return json.endArray().endObject().toString();
  }

  @Override
  public String toString() {
    return "TrustBundle" + keys.keySet();
  }
}
