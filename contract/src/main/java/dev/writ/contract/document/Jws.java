package dev.writ.contract.document;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.MalformedException;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A JWS in compact serialization, {@code alg} exactly {@code Ed25519} (RFC 9864), decoded and not
 * yet verified (protocol.md, section 1).
 */
final class Jws {
  static final String CONTRACT = "cap-contract+jwt";
  static final String IDENTITY = "cap-identity+jwt";
  static final String REVOCATION = "cap-revocation+jwt";
  private static final int SIGNATURE = 64;

  private final String typ;
  private final @Nullable String kid;
  private final byte[] signingInput;
  private final byte[] signature;
  private final JsonValue payload;

  private Jws(
      String typ, @Nullable String kid, byte[] signingInput, byte[] signature, JsonValue payload) {
    this.typ = typ;
    this.kid = kid;
    this.signingInput = signingInput;
    this.signature = signature;
    this.payload = payload;
  }

  /** Decodes every part strictly and checks the header's members; verifies nothing. */
  static Jws decode(String compact, String typ) throws MalformedException {
    int first = compact.indexOf('.');
    int second = compact.indexOf('.', first + 1);
    if (first <= 0 || second <= first + 1 || compact.indexOf('.', second + 1) >= 0) {
      throw new MalformedException("not a compact JWS");
    }
    Members header =
        Members.of("header", StrictJson.document(Base64Url.decode(compact.substring(0, first))));
    header.constant("alg", "Ed25519");
    header.constant("typ", typ);
    String kid = header.has("kid") ? header.string("kid") : null;
    header.end();
    byte[] signature = Base64Url.decode(compact.substring(second + 1));
    if (signature.length != SIGNATURE) {
      throw new MalformedException("signature: not 64 bytes");
    }
    JsonValue payload = StrictJson.document(Base64Url.decode(compact.substring(first + 1, second)));
    byte[] input = compact.substring(0, second).getBytes(StandardCharsets.ISO_8859_1);
    return new Jws(typ, kid, input, signature, payload);
  }

  /** Signs a payload; {@code kid} is set for issuer-signed documents. */
  static String sign(String typ, boolean withKid, byte[] payload, Signer signer) {
    String kid = withKid ? ",\"kid\":\"" + signer.publicKey().thumbprint() + "\"" : "";
    String header = "{\"alg\":\"Ed25519\",\"typ\":\"" + typ + "\"" + kid + "}";
    String input =
        Base64Url.encode(header.getBytes(StandardCharsets.UTF_8)) + "." + Base64Url.encode(payload);
    return input + "." + Base64Url.encode(signer.sign(input.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Nullable String kid() {
    return kid;
  }

  JsonValue payload() {
    return payload;
  }

  /** SHA-256 of the signing input, base64url: the {@code par_hash} of a child. */
  String hash() {
    return Base64Url.encode(Digests.sha256(signingInput));
  }

  /** Verifies under the trust bundle's key of that {@code kid}. */
  void verify(TrustBundle trust, Ed25519 ed25519) throws MalformedException {
    if (kid == null) {
      throw new MalformedException(typ + ": no kid");
    }
    PublicKey key = trust.key(kid).orElseThrow(() -> new MalformedException(typ + ": unknown kid"));
    verify(key, ed25519);
  }

  void verify(PublicKey key, Ed25519 ed25519) throws MalformedException {
    if (!ed25519.verify(key, signingInput, signature)) {
      throw new MalformedException(typ + ": signature does not verify");
    }
  }
}
