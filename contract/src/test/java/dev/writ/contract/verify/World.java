package dev.writ.contract.verify;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** An issuer, a service and callers, all real, at one moment. */
public final class World {
  public static final long NOW = 1_795_369_261L;
  public static final Moment MOMENT = new Moment(NOW, 7_000_000);
  public static final String ISS = SpiffeId.issuer("cluster.local");
  public static final String AUD = SpiffeId.service("cluster.local", "bank", "agent-b").toString();
  public static final Listener LISTENER = new Listener(Set.of(AUD), Protocol.HTTP);
  public static final String TRANSFER =
      "{\"action\":\"transfer\",\"http\":{\"methods\":[\"POST\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/v1/transfers\"}]},"
          + "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]}";
  public static final String REPORT =
      "{\"action\":\"report\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Prefix\",\"value\":\"/v1/reports\"}]}}";

  public final PrivateKey issuer = PrivateKey.generate();

  /** Id of a workload of that name. */
  public static String workload(String name) {
    return SpiffeId.workload("cluster.local", "plan", name).toString();
  }

  public TrustBundle trust() {
    return TrustBundle.of(List.of(issuer.publicKey()));
  }

  /** A rule from its JSON. */
  public static Rule rule(String json) {
    try {
      return Rule.read("rule", StrictJson.document(json.getBytes(StandardCharsets.UTF_8)));
    } catch (dev.writ.contract.MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A constraint from its JSON. */
  public static Constraint constraint(String json) {
    try {
      return Constraint.read(
          "constraint", StrictJson.document(json.getBytes(StandardCharsets.UTF_8)));
    } catch (dev.writ.contract.MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  public RootContract root(
      PublicKey holder, long maxDepth, List<String> delegateTo, List<Rule> rules, Limits limits) {
    List<String> actions = rules.stream().map(Rule::action).distinct().toList();
    return new RootContract(
        ISS,
        workload("agent-a"),
        AUD,
        NOW,
        NOW - 30,
        NOW + 900,
        uuid(),
        uuid(),
        1,
        holder,
        maxDepth,
        delegateTo,
        actions,
        rules,
        limits,
        true,
        false,
        false);
  }

  public Delegation delegation(
      PublicKey parent,
      String parentJws,
      String sub,
      PublicKey holder,
      long depth,
      long maxDepth,
      List<String> to,
      List<String> actions)
      throws Exception {
    return new Delegation(
        Delegation.issuer(parent),
        workload(sub),
        AUD,
        NOW,
        NOW - 30,
        NOW + 900,
        uuid(),
        uuid(),
        holder,
        depth,
        maxDepth,
        to,
        SignedBlock.read(parentJws).hash(),
        actions,
        Map.of(),
        Limits.NONE);
  }

  /** A child of that root that adds these constraints, a JSON array, to one action. */
  public static Delegation narrowed(RootContract parent, String action, String constraints) {
    List<Constraint> added = new java.util.ArrayList<>();
    try {
      JsonValue array = StrictJson.body(utf8(constraints));
      for (JsonValue item : ((JsonValue.JsonArray) array).items()) {
        added.add(Constraint.read("constraint", item));
      }
    } catch (dev.writ.contract.MalformedException e) {
      throw new IllegalArgumentException(e);
    }
    return new Delegation(
        Delegation.issuer(parent.holder()),
        workload("agent-c"),
        AUD,
        NOW,
        NOW - 30,
        NOW + 900,
        uuid(),
        uuid(),
        parent.holder(),
        1,
        1,
        List.of(),
        "A".repeat(43),
        List.of(action),
        Map.of(action, added),
        Limits.NONE);
  }

  public String identity(String sub, PublicKey holder) {
    IdentityCredential.Pod pod = new IdentityCredential.Pod("plan", "pod-1", uuid());
    return new IdentityCredential(
            ISS, workload(sub), List.of(), pod, NOW, NOW - 30, NOW + 900, holder)
        .sign(issuer);
  }

  public static String uuid() {
    return UUID.randomUUID().toString();
  }

  /** A signed request; {@code extra} fields come before the proof. */
  public static RequestHead request(
      Signer holder,
      String contract,
      String method,
      String target,
      byte[] body,
      String nonce,
      Field... extra) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("Host", "agent-b.bank"));
    fields.add(new Field("Capability-Contract", contract));
    if (body.length > 0) {
      fields.add(new Field("Content-Type", "application/json"));
    }
    fields.addAll(List.of(extra));
    fields.addAll(RequestSigner.sign(holder, method, target, fields, body, nonce, NOW));
    return new RequestHead(method, target, fields);
  }

  /** The chain of a root alone. */
  public static Chain chain(RootContract root) {
    return new Chain(List.of(root), List.of(), List.of());
  }

  /** The bytes of a text. */
  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
