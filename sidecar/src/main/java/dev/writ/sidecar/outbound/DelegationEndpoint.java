package dev.writ.sidecar.outbound;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.client.Delegator;
import dev.writ.contract.client.Delegator.Delegated;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Members;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.HeldChain;
import java.util.List;

/**
 * {@code POST /v1/delegations}: the app hands on, narrower or the same, what it holds or was
 * handed, to a key that it names. For agents that carry a chain themselves; with calls through the
 * helper nothing has to be asked. (docs/delegation.md)
 */
final class DelegationEndpoint {
  /** Where it is, on the helper's own port. */
  static final String PATH = "/v1/delegations";

  static final int MAX_BODY = 32 * 1024;

  private final Delegations delegations;
  private final Ed25519 ed25519;

  DelegationEndpoint(Delegations delegations, Ed25519 ed25519) {
    this.delegations = delegations;
    this.ed25519 = ed25519;
  }

  /**
   * What the app asks for.
   *
   * @param audience service that it is for
   * @param identity credential of the delegate, a JWS
   * @param seconds how long it is to live at most
   */
  private record Request(String audience, String identity, long seconds, Attenuation attenuation) {
    static Request read(byte[] json) throws MalformedException {
      Members members = Members.of("request", StrictJson.body(json));
      String audience = members.string("audience");
      String identity = members.string("identity");
      long seconds =
          members.has("seconds")
              ? members.integer("seconds", 1, Delegator.MAX_SECONDS)
              : Delegations.SECONDS;
      Attenuation attenuation = Attenuation.read(members);
      members.end();
      return new Request(audience, identity, seconds, attenuation);
    }
  }

  /**
   * The answer's JSON.
   *
   * @param chains that may be handed on now, in the order of preference
   * @param now epoch seconds
   * @throws Failure with a sentence for the app's developer
   */
  String answer(byte[] json, List<HeldChain> chains, Snapshot snapshot, long now) throws Failure {
    TrustBundle trust = snapshot.trust();
    if (trust == null) {
      throw new Failure(
          ErrorCode.REVOCATION_STALE, "The sidecar has not enrolled with the operator yet.");
    }
    try {
      Request request = Request.read(json);
      IdentityCredential delegate = IdentityCredential.parse(request.identity, trust, ed25519);
      HeldChain chain =
          chains.stream()
              .filter(one -> one.audience().equals(request.audience))
              .findFirst()
              .orElseThrow(
                  () ->
                      new Failure(
                          ErrorCode.ACTION_NOT_GRANTED,
                          "There is no contract for "
                              + request.audience
                              + " to hand on now: write the id of a service that this workload may"
                              + " call, as in spiffe://<trust"
                              + " domain>/ns/<namespace>/svc/<service>."));
      return answer(
          chain, delegations.delegate(chain, delegate, request.attenuation, request.seconds, now));
    } catch (MalformedException e) {
      throw new Failure(ErrorCode.MALFORMED, "Not delegated. " + e.getMessage() + ".");
    }
  }

  private static String answer(HeldChain chain, Delegated delegated) {
    JsonWriter json =
        new JsonWriter().beginObject().member("contract", delegated.contract()).name("identities");
    String identities = chain.identities();
    if (identities == null) {
      json.nullValue();
    } else {
      json.value(identities);
    }
    return json.member("cid", delegated.block().cid())
        .member("jti", delegated.block().jti())
        .member("expires", delegated.block().exp())
        .endObject()
        .toString();
  }
}
