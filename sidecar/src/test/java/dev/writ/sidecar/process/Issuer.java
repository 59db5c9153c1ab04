package dev.writ.sidecar.process;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signs what the operator would sign. */
public final class Issuer {
  static final String SERVICE = "spiffe://cluster.local/ns/bank/svc/ledger";
  static final String CALLER = "spiffe://cluster.local/ns/plan/sa/billing";

  private final PrivateKey key = PrivateKey.generate();

  String jwks() {
    return TrustBundle.of(List.of(key.publicKey())).toJson();
  }

  /** A contract to be: change what the test is about, then sign. */
  public final class Draft {
    final PrivateKey holder;
    String sub = CALLER;
    String aud = SERVICE;
    String cid = UUID.randomUUID().toString();
    String jti = UUID.randomUUID().toString();
    long gen = 1;
    long nbf = now() - 30;
    long exp = now() + 900;
    long maxDepth;
    List<String> delegateTo = List.of();
    @Nullable Long calls;
    Limits.@Nullable Rate rate;
    @Nullable Integer concurrent;
    boolean sync;
    boolean terminate;
    String rules =
        "[{\"action\":\"transfer\",\"http\":{\"methods\":[\"POST\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/v1/transfers\"}]},"
            + "\"arguments\":[{\"pointer\":\"/amount\",\"maximum\":500}]},"
            + "{\"action\":\"read\",\"http\":{\"methods\":[\"GET\",\"HEAD\"],\"paths\":[{\"type\":\"Prefix\",\"value\":\"/read\"}]}},"
            + "{\"action\":\"upload\",\"http\":{\"methods\":[\"PUT\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/upload\"}]}}]";

    /** Every call waits for the log. */
    public Draft sync() {
      sync = true;
      return this;
    }

    Draft(PrivateKey holder) {
      this.holder = holder;
    }

    String sign() {
      return signBy(key);
    }

    public String signBy(PrivateKey signer) {
      List<Rule> parsed = parse();
      List<String> actions = parsed.stream().map(Rule::action).distinct().toList();
      RootContract contract =
          new RootContract(
              SpiffeId.issuer("cluster.local"),
              sub,
              aud,
              nbf,
              nbf,
              exp,
              jti,
              cid,
              gen,
              holder.publicKey(),
              maxDepth,
              delegateTo,
              actions,
              parsed,
              new Limits(calls, rate, concurrent),
              true,
              sync,
              terminate);
      return contract.sign(signer);
    }

    private List<Rule> parse() {
      try {
        var array =
            (dev.writ.contract.json.JsonValue.JsonArray)
                StrictJson.body(rules.getBytes(StandardCharsets.UTF_8));
        List<Rule> parsed = new java.util.ArrayList<>();
        for (var item : array.items()) {
          parsed.add(Rule.read("rules", item));
        }
        return parsed;
      } catch (MalformedException e) {
        throw new IllegalArgumentException(e);
      }
    }
  }

  public Draft contract(PrivateKey holder) {
    return new Draft(holder);
  }

  /** The credential of a workload of namespace {@code plan} that guards these services. */
  String identity(String name, PublicKey holder, String... services) {
    return new IdentityCredential(
            SpiffeId.issuer("cluster.local"),
            workload(name),
            List.of(services),
            new IdentityCredential.Pod("plan", name + "-0", UUID.randomUUID().toString()),
            now(),
            now() - 30,
            now() + 900,
            holder)
        .sign(key);
  }

  /** Id of a workload of namespace {@code plan}. */
  static String workload(String name) {
    return SpiffeId.workload("cluster.local", "plan", name).toString();
  }

  /** Id of a service of namespace {@code plan}. */
  static String service(String name) {
    return SpiffeId.service("cluster.local", "plan", name).toString();
  }

  String revocations(long seq, Set<String> cids) {
    return new RevocationList(
            SpiffeId.issuer("cluster.local"),
            now() - 1,
            now() + 3600,
            seq,
            cids,
            Set.of(),
            Set.of(),
            Map.of())
        .sign(key);
  }

  static long now() {
    return Instant.now().getEpochSecond();
  }
}
