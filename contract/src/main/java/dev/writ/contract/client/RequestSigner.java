package dev.writ.contract.client;

import dev.writ.contract.Digests;
import dev.writ.contract.Names;
import dev.writ.contract.key.Signer;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.SignatureBase;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Signs requests in exactly the form of protocol.md, section 2. */
public final class RequestSigner {
  /** How long a proof may travel, seconds. */
  public static final long LIFE = 30;

  private RequestSigner() {}

  /**
   * The fields to add to a request: {@code Content-Digest}, {@code Signature-Input}, {@code
   * Signature}. The fields in {@code covered} are sent as they are, beside these.
   *
   * @param holder the key of the chain's last block
   * @param method as it is sent
   * @param target in origin-form, as it is sent
   * @param covered all fields of the request that a proof covers: {@code Capability-Contract} and,
   *     as carried, {@code Capability-Identity}, {@code Content-Type}, {@code Content-Encoding},
   *     {@code Idempotency-Key}, {@code Capability-Delegation}, {@code
   *     Capability-Delegation-Identity}, {@code Capability-Parent}; others are ignored, and their
   *     order is free
   * @param body the content as it is sent, empty when there is none
   * @param nonce {@code <challenge>.<seq>}
   * @param created epoch seconds
   */
  public static List<Field> sign(
      Signer holder,
      String method,
      String target,
      List<Field> covered,
      byte[] body,
      String nonce,
      long created) {
    return signed(holder, method, target, covered, contentDigest(body), nonce, created);
  }

  /**
   * The same for the opening of a gRPC stream: without {@code Content-Digest}, since nothing of the
   * body is there yet. A gate takes it only where a rule says {@code streaming: true}.
   */
  public static List<Field> signOpening(
      Signer holder,
      String method,
      String target,
      List<Field> covered,
      String nonce,
      long created) {
    return signed(holder, method, target, covered, null, nonce, created);
  }

  private static List<Field> signed(
      Signer holder,
      String method,
      String target,
      List<Field> covered,
      @Nullable String digest,
      String nonce,
      long created) {
    String contract = null;
    for (Field field : covered) {
      if (field.name().equalsIgnoreCase(Names.HEADER_CONTRACT)) {
        contract = field.value();
      }
    }
    if (contract == null) {
      throw new IllegalArgumentException("covered: no " + Names.HEADER_CONTRACT);
    }
    List<Field> optional = SignatureBase.covered(covered);
    String parameters =
        SignatureBase.parameters(optional, digest == null, created, created + LIFE, nonce);
    byte[] base = SignatureBase.of(method, target, digest, contract, optional, parameters);
    String signature = Base64.getEncoder().encodeToString(holder.sign(base));
    List<Field> fields = new ArrayList<>();
    if (digest != null) {
      fields.add(new Field("Content-Digest", digest));
    }
    fields.add(new Field("Signature-Input", "cap=" + parameters));
    fields.add(new Field("Signature", "cap=:" + signature + ":"));
    return fields;
  }

  /** The value of {@code Content-Digest} for this content (RFC 9530, SHA-256). */
  public static String contentDigest(byte[] body) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(Digests.sha256(body)) + ":";
  }
}
