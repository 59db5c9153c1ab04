package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A root contract, signed by the issuer (protocol.md, section 1). Times are epoch seconds.
 *
 * @param iss {@code spiffe://<trust domain>/writ}
 * @param sub workload id of the holder
 * @param aud service id of the callee
 * @param iat signed at
 * @param nbf valid from
 * @param exp valid before; at most a day after nbf
 * @param jti UUID of this instance
 * @param cid UID of the AgentCapability
 * @param gen its generation
 * @param holder key that may use the contract
 * @param maxDepth how deep it may be delegated; 0 = not at all
 * @param delegateTo workload ids that it may be delegated to
 * @param actions exactly the actions of the rules
 * @param rules in order
 * @param limits may be {@link Limits#NONE}
 * @param base whether base-protocol messages are allowed
 * @param auditSync whether a call waits for the log
 * @param terminateOnExpiry whether streams end with the contract
 */
public record RootContract(
    String iss,
    String sub,
    String aud,
    long iat,
    long nbf,
    long exp,
    String jti,
    String cid,
    long gen,
    PublicKey holder,
    long maxDepth,
    List<String> delegateTo,
    List<String> actions,
    List<Rule> rules,
    Limits limits,
    boolean base,
    boolean auditSync,
    boolean terminateOnExpiry)
    implements Block {
  /** Copies. */
  public RootContract {
    delegateTo = List.copyOf(delegateTo);
    actions = List.copyOf(actions);
    rules = List.copyOf(rules);
  }

  /**
   * Parses and verifies one that the issuer signed; anything else throws. Validity in time is not
   * looked at.
   */
  public static RootContract parse(String jws, TrustBundle trust, Ed25519 ed25519)
      throws MalformedException {
    SignedBlock block = SignedBlock.read(jws);
    if (!(block.block() instanceof RootContract root)) {
      throw new MalformedException("contract: a delegation, not a root contract");
    }
    block.verify(trust, ed25519);
    return root;
  }

  /** Reads one without verifying its signature: for its holder, who got it from the issuer. */
  public static RootContract unverified(String jws) throws MalformedException {
    if (SignedBlock.read(jws).block() instanceof RootContract root) {
      root.compile();
      return root;
    }
    throw new MalformedException("contract: a delegation, not a root contract");
  }

  static RootContract read(JsonValue payload) throws MalformedException {
    Members claims = Members.of("contract", payload);
    String domain = Claims.trustDomain(claims);
    SpiffeId sub = claims.id("sub", SpiffeId.Kind.SERVICE_ACCOUNT);
    SpiffeId aud = claims.id("aud", SpiffeId.Kind.SERVICE);
    Claims.Times times = Claims.Times.read(claims);
    String jti = claims.uuid("jti");
    String cid = claims.uuid("cid");
    long gen = claims.integer("gen", 0, Members.MAX);
    PublicKey holder = Claims.holder(claims);
    claims.integer("del_depth", 0, 0);
    long maxDepth = claims.integer("del_max_depth", 0, Members.MAX);
    List<SpiffeId> delegateTo = claims.ids("del_to", SpiffeId.Kind.SERVICE_ACCOUNT);
    List<JsonValue> entries = claims.array("authorization_details");
    claims.end();
    Claims.sameTrustDomain(claims, domain, List.of(sub, aud));
    if (entries.size() != 1) {
      throw claims.error("authorization_details has not exactly one entry");
    }
    Members entry = Members.of("entry", entries.get(0));
    entry.constant("type", Names.AUTHORIZATION_TYPE);
    List<String> actions = Claims.actions(entry);
    List<Rule> rules = rules(entry, actions);
    Limits limits = entry.has("limits") ? Limits.read(entry.object("limits")) : Limits.NONE;
    boolean base = !entry.has("base") || entry.bool("base");
    boolean sync = flag(entry, "audit", "sync");
    boolean terminate = flag(entry, "on_expiry", "terminate");
    entry.end();
    return new RootContract(
        SpiffeId.issuer(domain),
        sub.toString(),
        aud.toString(),
        times.iat(),
        times.nbf(),
        times.exp(),
        jti,
        cid,
        gen,
        holder,
        maxDepth,
        Claims.texts(delegateTo),
        actions,
        rules,
        limits,
        base,
        sync,
        terminate);
  }

  private static List<Rule> rules(Members entry, List<String> actions) throws MalformedException {
    List<Rule> rules = new ArrayList<>();
    Set<String> named = new HashSet<>();
    for (JsonValue item : entry.items("rules")) {
      Rule rule = Rule.uncompiled("rules[" + rules.size() + "]", item);
      rules.add(rule);
      named.add(rule.action());
    }
    if (!named.equals(Set.copyOf(actions))) {
      throw entry.error("actions are not those of the rules");
    }
    return rules;
  }

  private static boolean flag(Members entry, String name, String word) throws MalformedException {
    if (!entry.has(name)) {
      return false;
    }
    entry.constant(name, word);
    return true;
  }

  @Override
  public void compile() throws MalformedException {
    for (Rule rule : rules) {
      rule.compile();
    }
  }

  /** Always 0. */
  @Override
  public long depth() {
    return 0;
  }

  /** The JWS, signed by the issuer. */
  public String sign(Signer issuer) {
    JsonWriter json = new JsonWriter().beginObject();
    Claims.writeHead(json, this);
    json.member("gen", gen);
    Claims.writeDelegation(json, this);
    json.name("authorization_details").beginArray().beginObject();
    json.member("type", Names.AUTHORIZATION_TYPE)
        .member("actions", actions)
        .name("rules")
        .beginArray();
    rules.forEach(rule -> rule.write(json));
    json.endArray();
    limits.write(json);
    if (!base) {
      json.member("base", false);
    }
    if (auditSync) {
      json.member("audit", "sync");
    }
    if (terminateOnExpiry) {
      json.member("on_expiry", "terminate");
    }
    json.endObject().endArray().endObject();
    return Jws.sign(Jws.CONTRACT, true, json.toBytes(), issuer);
  }
}
