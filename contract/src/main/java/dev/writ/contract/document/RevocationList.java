package dev.writ.contract.document;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.Signer;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A revocation list, signed by the issuer (protocol.md, section 1). Times are epoch seconds.
 *
 * @param iss {@code spiffe://<trust domain>/writ}
 * @param iat signed at
 * @param exp stale from then on; at most a day after iat
 * @param seq rises with each change of content
 * @param cids revoked capabilities and delegations
 * @param jtis revoked instances
 * @param jkts thumbprints of revoked keys
 * @param gens by capability: root contracts of a lower generation are dead
 */
public record RevocationList(
    String iss,
    long iat,
    long exp,
    long seq,
    Set<String> cids,
    Set<String> jtis,
    Set<String> jkts,
    Map<String, Long> gens) {
  /** How far {@code iat} may be ahead of the clock that takes the list, seconds. */
  public static final long MAX_AHEAD = 30;

  private static final int SHA_256 = 32;

  /** Copies, sorted. */
  public RevocationList {
    cids = Collections.unmodifiableSet(new TreeSet<>(cids));
    jtis = Collections.unmodifiableSet(new TreeSet<>(jtis));
    jkts = Collections.unmodifiableSet(new TreeSet<>(jkts));
    gens = Collections.unmodifiableMap(new TreeMap<>(gens));
  }

  /**
   * Parses and verifies one that the issuer signed; anything else throws. Neither clock nor order
   * is looked at.
   */
  public static RevocationList parse(String jws, TrustBundle trust, Ed25519 ed25519)
      throws MalformedException {
    Jws decoded = Jws.decode(jws, Jws.REVOCATION);
    RevocationList list = read(decoded.payload());
    decoded.verify(trust, ed25519);
    return list;
  }

  /**
   * Reads one that was accepted before: its signer may have left the trust bundle since. Verifies
   * nothing.
   */
  public static RevocationList unverified(String jws) throws MalformedException {
    return read(Jws.decode(jws, Jws.REVOCATION).payload());
  }

  private static RevocationList read(JsonValue payload) throws MalformedException {
    Members claims = Members.of("revocations", payload);
    String iss = SpiffeId.issuer(Claims.trustDomain(claims));
    long iat = claims.integer("iat", 0, Members.MAX);
    long exp = claims.integer("exp", 0, Members.MAX);
    if (iat >= exp || exp - iat > Block.MAX_LIFE) {
      throw claims.error("exp is not within a day after iat");
    }
    long seq = claims.integer("seq", 0, Members.MAX);
    Members revoked = claims.object("revoked");
    Set<String> cids = uuids(revoked, "cids");
    Set<String> jtis = uuids(revoked, "jtis");
    Set<String> jkts = thumbprints(revoked);
    revoked.end();
    Members gens = claims.object("gens");
    Map<String, Long> generations = new TreeMap<>();
    for (String cid : List.copyOf(gens.names())) {
      if (!Text.isUuid(cid)) {
        throw gens.error("not a UUID");
      }
      generations.put(cid, gens.integer(cid, 0, Members.MAX));
    }
    gens.end();
    claims.end();
    return new RevocationList(iss, iat, exp, seq, cids, jtis, jkts, generations);
  }

  private static Set<String> uuids(Members revoked, String name) throws MalformedException {
    Set<String> set = new HashSet<>(revoked.strings(name));
    for (String text : set) {
      if (!Text.isUuid(text)) {
        throw revoked.error(name + " holds what is not a UUID");
      }
    }
    return set;
  }

  private static Set<String> thumbprints(Members revoked) throws MalformedException {
    Set<String> set = new HashSet<>(revoked.strings("jkts"));
    for (String text : set) {
      if (Base64Url.decode(text).length != SHA_256) {
        throw revoked.error("jkts holds what is not a thumbprint");
      }
    }
    return set;
  }

  /**
   * Whether this list may take over: its seq is not lower, the same seq has the same content and is
   * not older, and it is not from the future.
   *
   * @param current the list in force, null when there is none
   * @param highestSeq the highest seq ever seen, persisted; -1 = never
   * @param now epoch seconds
   */
  public boolean maySucceed(@Nullable RevocationList current, long highestSeq, long now) {
    if (iat > now + MAX_AHEAD || seq < highestSeq) {
      return false;
    }
    if (current == null || seq > current.seq) {
      return true;
    }
    return seq == current.seq && sameContent(current) && iat >= current.iat;
  }

  /** Whether both revoke the same. */
  public boolean sameContent(RevocationList other) {
    return iss.equals(other.iss)
        && cids.equals(other.cids)
        && jtis.equals(other.jtis)
        && jkts.equals(other.jkts)
        && gens.equals(other.gens);
  }

  /** Whether this block is listed, or a root of a generation that is gone. */
  public boolean revokes(Block block) {
    if (cids.contains(block.cid())
        || jtis.contains(block.jti())
        || jkts.contains(block.holder().thumbprint())) {
      return true;
    }
    Long lowest = gens.get(block.cid());
    return block instanceof RootContract root && lowest != null && root.gen() < lowest;
  }

  /** The JWS, signed by the issuer. */
  public String sign(Signer issuer) {
    JsonWriter json =
        new JsonWriter().beginObject().member("iss", iss).member("iat", iat).member("exp", exp);
    json.member("seq", seq).name("revoked").beginObject();
    json.member("cids", cids)
        .member("jtis", jtis)
        .member("jkts", jkts)
        .endObject()
        .name("gens")
        .beginObject();
    gens.forEach(json::member);
    return Jws.sign(Jws.REVOCATION, true, json.endObject().endObject().toBytes(), issuer);
  }
}
