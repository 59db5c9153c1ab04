package dev.writ.operator.keys;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.nio.charset.StandardCharsets;

/** Keys whose private half lies in the Secret beside the public one: the reference is the seed. */
public final class SecretContractSigner implements ContractSigner {
  /** Of references. */
  static final String SCHEME = "seed";

  @Override
  public String scheme() {
    return SCHEME;
  }

  @Override
  public Made make() {
    PrivateKey key = PrivateKey.generate();
    return new Made(key, reference(key));
  }

  @Override
  public Signer open(PublicKey key, KeyReference reference) throws KeyUnavailableException {
    try {
      PrivateKey found = PrivateKey.of(Base64Url.decode(reference.rest()));
      if (found.publicKey().equals(key)) {
        return found;
      }
    } catch (MalformedException e) {
      throw new KeyUnavailableException(
          "the seed of issuer key " + key.thumbprint() + " is not one of 32 bytes", e);
    }
    throw new KeyUnavailableException(
        "the seed of issuer key " + key.thumbprint() + " is that of another key");
  }

  /** It goes with the ring that named it. */
  @Override
  public void destroy(KeyReference reference) {}

  /** The key of a private JWK, for those who bring their own. */
  static Made ofJwk(String jwk) throws MalformedException {
    PrivateKey key = PrivateKey.fromJwk(jwk);
    return new Made(key, reference(key));
  }

  private static KeyReference reference(PrivateKey key) {
    try {
      if (StrictJson.body(key.toJwk().getBytes(StandardCharsets.UTF_8)) instanceof JsonObject jwk
          && jwk.get("d") instanceof JsonString seed) {
        return KeyReference.of(SCHEME, seed.value());
      }
    } catch (MalformedException e) {
      throw new IllegalStateException("a JWK that was just written does not parse", e);
    }
    throw new IllegalStateException("a private JWK has a member d");
  }
}
