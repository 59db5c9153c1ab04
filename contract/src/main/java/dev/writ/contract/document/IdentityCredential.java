package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.util.ArrayList;
import java.util.List;

/**
 * An identity credential, signed by the issuer: this key is this workload, guarding these services
 * (protocol.md, section 1). Times are epoch seconds.
 *
 * @param iss {@code spiffe://<trust domain>/writ}
 * @param sub workload id
 * @param services ids of the services that it guards; may be empty
 * @param pod where the key lives
 * @param iat signed at
 * @param nbf valid from
 * @param exp valid before
 * @param holder the key
 */
public record IdentityCredential(
    String iss,
    String sub,
    List<String> services,
    Pod pod,
    long iat,
    long nbf,
    long exp,
    PublicKey holder) {
  private static final int MAX_POD_NAME = 253;

  /** Copies. */
  public IdentityCredential {
    services = List.copyOf(services);
  }

  /**
   * A pod.
   *
   * @param namespace its namespace
   * @param name its name
   * @param uid its UID, a UUID
   */
  public record Pod(String namespace, String name, String uid) {
    static Pod read(Members pod) throws MalformedException {
      Pod value = new Pod(pod.string("namespace"), pod.string("name"), pod.uuid("uid"));
      pod.end();
      for (String text : List.of(value.namespace, value.name)) {
        if (text.length() > MAX_POD_NAME || !Text.isPodName(text)) {
          throw pod.error("not a name");
        }
      }
      return value;
    }
  }

  /**
   * Parses and verifies one that the issuer signed; anything else throws. Validity in time is not
   * looked at.
   */
  public static IdentityCredential parse(String jws, TrustBundle trust, Ed25519 ed25519)
      throws MalformedException {
    Jws decoded = decode(jws);
    IdentityCredential identity = read(decoded.payload());
    decoded.verify(trust, ed25519);
    identity.holder.checked();
    return identity;
  }

  /** Reads one without verifying anything: to look at it, never to decide on it. */
  public static IdentityCredential unverified(String jws) throws MalformedException {
    return read(decode(jws).payload());
  }

  private static Jws decode(String jws) throws MalformedException {
    Jws decoded = Jws.decode(jws, Jws.IDENTITY);
    if (decoded.kid() == null) {
      throw new MalformedException("identity: no kid");
    }
    return decoded;
  }

  private static IdentityCredential read(JsonValue payload) throws MalformedException {
    Members claims = Members.of("identity", payload);
    String domain = Claims.trustDomain(claims);
    SpiffeId sub = claims.id("sub", SpiffeId.Kind.SERVICE_ACCOUNT);
    List<SpiffeId> services = claims.ids("services", SpiffeId.Kind.SERVICE);
    Pod pod = Pod.read(claims.object("pod"));
    Claims.Times times = Claims.Times.read(claims);
    PublicKey holder = Claims.holder(claims);
    claims.end();
    List<SpiffeId> ids = new ArrayList<>(services);
    ids.add(sub);
    Claims.sameTrustDomain(claims, domain, ids);
    return new IdentityCredential(
        SpiffeId.issuer(domain),
        sub.toString(),
        Claims.texts(services),
        pod,
        times.iat(),
        times.nbf(),
        times.exp(),
        holder);
  }

  /** The JWS, signed by the issuer. */
  public String sign(Signer issuer) {
    JsonWriter json = new JsonWriter().beginObject();
    json.member("iss", iss)
        .member("sub", sub)
        .member("services", services)
        .name("pod")
        .beginObject();
    json.member("namespace", pod.namespace())
        .member("name", pod.name())
        .member("uid", pod.uid())
        .endObject();
    json.member("iat", iat).member("nbf", nbf).member("exp", exp);
    Claims.writeHolder(json, holder);
    return Jws.sign(Jws.IDENTITY, true, json.endObject().toBytes(), issuer);
  }
}
