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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A delegation, signed by the holder of its parent (protocol.md, section 1). Times are epoch
 * seconds.
 *
 * @param iss {@link #issuer} of the parent's holder
 * @param sub workload id of the delegate
 * @param aud service id, that of the root
 * @param iat signed at
 * @param nbf valid from
 * @param exp valid before
 * @param jti UUID of this instance
 * @param cid UUID chosen by the delegator
 * @param holder the delegate's key
 * @param depth one more than the parent's
 * @param maxDepth how deep descendants may be
 * @param delegateTo workload ids that it may be delegated to
 * @param parentHash SHA-256 of the parent's signing input, base64url
 * @param actions some of the parent's
 * @param arguments constraints by action, on top of the ancestors'
 * @param limits may be {@link Limits#NONE}
 */
public record Delegation(
    String iss,
    String sub,
    String aud,
    long iat,
    long nbf,
    long exp,
    String jti,
    String cid,
    PublicKey holder,
    long depth,
    long maxDepth,
    List<String> delegateTo,
    String parentHash,
    List<String> actions,
    Map<String, List<Constraint>> arguments,
    Limits limits)
    implements Block {
  private static final String URN = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";
  private static final int THUMBPRINT = 43;

  /** Copies. */
  public Delegation {
    delegateTo = List.copyOf(delegateTo);
    actions = List.copyOf(actions);
    Map<String, List<Constraint>> copy = new LinkedHashMap<>();
    arguments.forEach((action, constraints) -> copy.put(action, List.copyOf(constraints)));
    arguments = Collections.unmodifiableMap(copy);
  }

  /** The {@code iss} of what this key signs (RFC 9278). */
  public static String issuer(PublicKey key) {
    return URN + key.thumbprint();
  }

  /**
   * Parses and verifies one that the parent's holder signed. The rules of the link are the
   * verifier's.
   */
  public static Delegation parse(String jws, PublicKey parentHolder, Ed25519 ed25519)
      throws MalformedException {
    SignedBlock block = SignedBlock.read(jws);
    if (!(block.block() instanceof Delegation delegation)) {
      throw new MalformedException("delegation: a root contract, not a delegation");
    }
    block.verify(parentHolder, ed25519);
    return delegation;
  }

  static Delegation read(JsonValue payload) throws MalformedException {
    Members claims = Members.of("delegation", payload);
    String iss = claims.string("iss");
    if (!iss.startsWith(URN) || !isHash(iss.substring(URN.length()))) {
      throw claims.error("iss is not a SHA-256 thumbprint URN");
    }
    SpiffeId sub = claims.id("sub", SpiffeId.Kind.SERVICE_ACCOUNT);
    SpiffeId aud = claims.id("aud", SpiffeId.Kind.SERVICE);
    Claims.Times times = Claims.Times.read(claims);
    String jti = claims.uuid("jti");
    String cid = claims.uuid("cid");
    PublicKey holder = Claims.holder(claims);
    long depth = claims.integer("del_depth", 0, Members.MAX);
    long maxDepth = claims.integer("del_max_depth", 0, Members.MAX);
    List<SpiffeId> delegateTo = claims.ids("del_to", SpiffeId.Kind.SERVICE_ACCOUNT);
    String parentHash = claims.string("par_hash");
    if (!isHash(parentHash)) {
      throw claims.error("par_hash is not a SHA-256");
    }
    List<JsonValue> entries = claims.array("authorization_details");
    claims.end();
    if (entries.size() != 1) {
      throw claims.error("authorization_details has not exactly one entry");
    }
    Members entry = Members.of("entry", entries.get(0));
    entry.constant("type", Names.AUTHORIZATION_TYPE);
    List<String> actions = Claims.actions(entry);
    Map<String, List<Constraint>> arguments =
        entry.has("arguments") ? arguments(entry, actions) : Map.of();
    Limits limits = entry.has("limits") ? Limits.read(entry.object("limits")) : Limits.NONE;
    entry.end();
    return new Delegation(
        iss,
        sub.toString(),
        aud.toString(),
        times.iat(),
        times.nbf(),
        times.exp(),
        jti,
        cid,
        holder,
        depth,
        maxDepth,
        Claims.texts(delegateTo),
        parentHash,
        actions,
        arguments,
        limits);
  }

  private static Map<String, List<Constraint>> arguments(Members entry, List<String> actions)
      throws MalformedException {
    Members members = entry.object("arguments");
    Map<String, List<Constraint>> arguments = new LinkedHashMap<>();
    for (String action : new ArrayList<>(members.names())) {
      if (!actions.contains(action)) {
        throw members.error("an action that is not among the actions");
      }
      arguments.put(action, Rule.constraints(members, action));
    }
    members.end();
    long states = 0;
    for (List<Constraint> constraints : arguments.values()) {
      for (Constraint constraint : constraints) {
        states += constraint.pattern() == null ? 0 : constraint.pattern().states();
      }
    }
    if (states > PatternSize.MAX_STATES) {
      throw members.error("patterns that repeat too much");
    }
    return arguments;
  }

  @Override
  public void compile() throws MalformedException {
    for (List<Constraint> constraints : arguments.values()) {
      for (Constraint constraint : constraints) {
        constraint.compile();
      }
    }
  }

  private static boolean isHash(String text) {
    try {
      return text.length() == THUMBPRINT && dev.writ.contract.Base64Url.decode(text).length == 32;
    } catch (MalformedException e) {
      return false;
    }
  }

  /** The JWS, signed by the parent's holder. */
  public String sign(Signer parentHolder) {
    JsonWriter json = new JsonWriter().beginObject();
    Claims.writeHead(json, this);
    Claims.writeDelegation(json, this);
    json.member("par_hash", parentHash).name("authorization_details").beginArray().beginObject();
    json.member("type", Names.AUTHORIZATION_TYPE).member("actions", actions);
    if (!arguments.isEmpty()) {
      json.name("arguments").beginObject();
      arguments.forEach(
          (action, constraints) -> {
            json.name(action).beginArray();
            constraints.forEach(constraint -> constraint.write(json));
            json.endArray();
          });
      json.endObject();
    }
    limits.write(json);
    json.endObject().endArray().endObject();
    return Jws.sign(Jws.CONTRACT, false, json.toBytes(), parentHolder);
  }
}
