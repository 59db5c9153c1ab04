package dev.writ.operator.control;

import dev.writ.audit.Boot;
import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.cluster.GuardedService;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.issue.Enrolment;
import dev.writ.operator.issue.Issuer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /v1/enrol}: a key that a sidecar drew becomes the key of its pod. */
final class EnrolEndpoint implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolEndpoint.class);

  static final int MAX_BODY = 4096;

  /** Two thirds of the lifetime of what is issued, seconds. */
  private static final long RENEW_AFTER_SECONDS = 600;

  private final Authenticator authenticator;
  private final Issuer issuer;
  private final Ed25519 ed25519;
  private final Supplier<TrustBundle> trust;
  private final Supplier<String> revocations;
  private final LateRevocation late;

  /** Hears of keys that revoked pods try to enrol with. */
  @FunctionalInterface
  public interface LateRevocation {
    /** The key, which the pod holds, counts no more when this returns. */
    void revoke(InjectedPod pod, PublicKey key);
  }

  EnrolEndpoint(
      Authenticator authenticator,
      Issuer issuer,
      Ed25519 ed25519,
      Supplier<TrustBundle> trust,
      Supplier<String> revocations,
      LateRevocation late) {
    this.authenticator = authenticator;
    this.issuer = issuer;
    this.ed25519 = ed25519;
    this.trust = trust;
    this.revocations = revocations;
    this.late = late;
  }

  @Override
  public Reply handle(Request request) throws ControlException {
    Caller caller = authenticator.evenIfRevoked(request.authorization());
    PublicKey key = provenKey(request.object(Set.of("jwk", "boot", "proof")), caller);
    if (caller.pod().revoked()) {
      // An operator that started since does not know the key yet under which the pod holds
      // contracts.
      late.revoke(caller.pod(), key);
      throw new ControlException(ControlError.NOT_ALLOWED, "the pod is revoked");
    }
    return Reply.json(200, answer(enrolled(caller, key)));
  }

  private Enrolment enrolled(Caller caller, PublicKey key) throws ControlException {
    try {
      return issuer
          .enrol(caller.pod(), key)
          .orElseThrow(
              () ->
                  new ControlException(
                      ControlError.NOT_ALLOWED,
                      "the pod is revoked, or enrolled with too many keys: delete it"));
    } catch (IOException e) {
      LOG.atError().addKeyValue("cause", e.getMessage()).log("couldn't record an enrolment");
      throw new ControlException(
          ControlError.UNAVAILABLE, "what would be issued could not be recorded; try again");
    }
  }

  /** The proof names the token, so that it can't be used by another pod. */
  private PublicKey provenKey(JsonObject body, Caller caller) throws ControlException {
    if (!Boot.isValid(text(body, "boot"))) {
      throw new ControlException(ControlError.MALFORMED, "boot is not 16 lower-case hex digits");
    }
    PublicKey key;
    byte[] proof;
    try {
      if (!(body.get("jwk") instanceof JsonObject jwk)) {
        throw new ControlException(ControlError.MALFORMED, "jwk is not an object");
      }
      key = PublicKey.unchecked(jwk).checked();
      proof = Base64Url.decode(text(body, "proof"));
    } catch (MalformedException e) {
      throw new ControlException(ControlError.MALFORMED, String.valueOf(e.getMessage()));
    }
    String message = Names.ENROL_PROOF_PREFIX + key.thumbprint() + ":" + caller.tokenDigest();
    if (!ed25519.verify(key, message.getBytes(StandardCharsets.UTF_8), proof)) {
      throw new ControlException(
          ControlError.UNAUTHENTICATED, "the proof is not one of this key for this token");
    }
    return key;
  }

  private byte[] answer(Enrolment enrolment) throws ControlException {
    JsonWriter json = new JsonWriter().beginObject().member("epoch", enrolment.epoch());
    json.member("workload", enrolment.workload().toString())
        .member("identity", enrolment.identity());
    json.member("renewAfterSeconds", RENEW_AFTER_SECONDS)
        .member("contracts", enrolment.contracts());
    json.name("services").beginArray();
    for (GuardedService service : enrolment.services()) {
      json.beginObject().member("id", issuer.id(service).toString());
      json.member("name", service.name())
          .member("namespace", service.namespace())
          .name("ports")
          .beginArray();
      for (GuardedService.Port port : service.ports()) {
        json.beginObject()
            .member("port", port.containerPort())
            .member("protocol", port.protocol())
            .endObject();
      }
      json.endArray().endObject();
    }
    json.endArray();
    try {
      json.member("trust", StrictJson.body(trust.get().toJson().getBytes(StandardCharsets.UTF_8)));
    } catch (MalformedException e) {
      throw new ControlException(ControlError.INTERNAL, "the trust bundle does not parse");
    }
    return json.member("revocations", revocations.get()).endObject().toBytes();
  }

  private static String text(JsonObject body, String name) throws ControlException {
    if (body.get(name) instanceof JsonString string) {
      return string.value();
    }
    throw new ControlException(ControlError.MALFORMED, name + " is not a string");
  }
}
