package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the replica at the other end really guards the service. Pure. (protocol.md,
 * section 3)
 */
final class IdentityCheck {
  private final Ed25519 ed25519;
  private final boolean required;

  /**
   * How strict to be.
   *
   * @param required cluster mode: without a credential that names the service nothing is sent. In
   *     standalone mode replicas may have none, and the caller has no issuer of identities to check
   *     with
   */
  IdentityCheck(Ed25519 ed25519, boolean required) {
    this.ed25519 = ed25519;
    this.required = required;
  }

  /**
   * Who answered.
   *
   * @param until when it may be taken for a replica of the service, epoch seconds, exclusive
   * @param credential verified; null when it showed none that can be
   */
  record Replica(long until, @Nullable IdentityCredential credential) {}

  /**
   * Whether what answered is a replica of the service, and until when.
   *
   * @param body of the challenge's answer
   * @param trust issuer keys; null before the first enrolment
   * @param now epoch seconds
   * @throws Failure when it may not
   */
  Replica check(byte[] body, @Nullable TrustBundle trust, SpiffeId service, long now)
      throws Failure {
    if (required) {
      IdentityCredential credential = required(body, trust, service, now);
      return new Replica(credential.exp(), credential);
    }
    try {
      // Nothing depends on it but what is handed over: that is for a proved name and key alone.
      return new Replica(Long.MAX_VALUE, required(body, trust, service, now));
    } catch (Failure e) {
      return new Replica(Long.MAX_VALUE, null);
    }
  }

  private IdentityCredential required(
      byte[] body, @Nullable TrustBundle trust, SpiffeId service, long now) throws Failure {
    if (trust == null) {
      throw Failure.unreachable(
          "The helper has no issuer keys yet and cannot tell who answers for " + service + ".");
    }
    try {
      String jws = identityIn(StrictJson.body(body));
      if (jws == null) {
        throw Failure.unreachable(
            "The replica that answered for " + service + " showed no identity credential.");
      }
      IdentityCredential identity = IdentityCredential.parse(jws, trust, ed25519);
      if (now < identity.nbf() || now >= identity.exp()) {
        throw Failure.unreachable(
            "The identity credential of the replica that answered for "
                + service
                + " is not valid now.");
      }
      if (!identity.services().contains(service.toString())) {
        throw Failure.unreachable(
            "The replica that answered is not one of "
                + service
                + ": its identity credential does not name it.");
      }
      return identity;
    } catch (MalformedException e) {
      throw Failure.unreachable(
          "The replica that answered for "
              + service
              + " showed an unusable identity credential: "
              + e.getMessage());
    }
  }

  private static @Nullable String identityIn(JsonValue answer) throws MalformedException {
    if (answer instanceof JsonObject object && object.members().size() == 1) {
      JsonValue identity = object.get("identity");
      if (identity instanceof JsonString string) {
        return string.value();
      }
      if (identity instanceof JsonNull) {
        return null;
      }
    }
    throw new MalformedException("not an object with identity alone");
  }
}
