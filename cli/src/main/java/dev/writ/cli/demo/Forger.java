package dev.writ.cli.demo;

import dev.writ.contract.Base64Url;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.client.RequestSigner;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Field;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Agents that hold their keys themselves and sign delegations that they may not sign. Sidecars
 * would not; so the demo borrows the issuer's key for contracts and credentials of its own keys.
 */
final class Forger {
  private static final String PLANNER = workload("planner");
  private static final String WORKER = workload("worker");
  private static final String CLERK = workload("clerk");
  private static final String AUDIENCE =
      SpiffeId.service(Names.TRUST_DOMAIN, "records", "archive").toString();
  private static final String TARGET = "/v1/documents";
  private static final String SEED = "seed:";
  private static final byte[] BODY = "{\"title\":\"forged\"}".getBytes(StandardCharsets.US_ASCII);

  private final String host;
  private final int port;
  private final long now;
  private final PrivateKey issuer;
  private final PrivateKey planner = PrivateKey.generate();
  private final PrivateKey worker = PrivateKey.generate();
  private final PrivateKey clerk = PrivateKey.generate();

  /** What is tried. */
  enum Attempt {
    WIDENED("chain with more actions"),
    REPARENTED("delegation moved to a richer parent"),
    LOOPED("chain back to the planner"),
    TOO_DEEP("chain with a hop too many");

    private final String what;

    Attempt(String what) {
      this.what = what;
    }

    String what() {
      return what;
    }
  }

  Forger(String host, int port, KubernetesClient cluster, Instant now) throws IOException {
    this.host = host;
    this.port = port;
    this.now = now.getEpochSecond();
    Secret secret = cluster.secrets().inNamespace("writ-system").withName("writ-issuer-key").get();
    String ring = secret == null ? null : secret.getData().get("keyring.json");
    if (ring == null) {
      throw new IOException("the operator made no Secret writ-system/writ-issuer-key");
    }
    try {
      issuer = current(StrictJson.body(Base64.getDecoder().decode(ring)));
    } catch (MalformedException e) {
      throw new IOException("the issuer's Secret holds no key: " + e.getMessage(), e);
    }
  }

  /** The key that signs; its private half is the seed beside it (docs/keys.md). */
  private static PrivateKey current(JsonValue ring) throws MalformedException {
    if (ring instanceof JsonObject object && object.get("keys") instanceof JsonArray keys) {
      for (JsonValue item : keys.items()) {
        if (item instanceof JsonObject key
            && key.get("state") instanceof JsonString state
            && state.value().equals("current")
            && key.get("reference") instanceof JsonString reference
            && reference.value().startsWith(SEED)) {
          return PrivateKey.of(Base64Url.decode(reference.value().substring(SEED.length())));
        }
      }
    }
    throw new MalformedException("no current key with a seed");
  }

  private static String workload(String name) {
    return SpiffeId.workload(Names.TRUST_DOMAIN, "plan", name).toString();
  }

  /** Sends a call under a chain that breaks one rule. */
  Wire.Reply send(Attempt attempt) throws IOException {
    String root = root(List.of("store"), 1);
    return switch (attempt) {
      case WIDENED ->
          send(
              root + ", " + delegation(root, planner, 1, WORKER, worker, List.of("store", "purge")),
              List.of(identity(WORKER, worker)),
              worker);
      case REPARENTED -> {
        String poor = delegation(root, planner, 1, WORKER, worker, List.of("store"));
        yield send(
            root(List.of("store", "purge"), 1) + ", " + poor,
            List.of(identity(WORKER, worker)),
            worker);
      }
      case LOOPED -> {
        String deep = root(List.of("store"), 2);
        String first = delegation(deep, planner, 1, WORKER, worker, List.of("store"));
        String second = delegation(first, worker, 2, PLANNER, planner, List.of("store"));
        yield send(
            deep + ", " + first + ", " + second,
            List.of(identity(WORKER, worker), identity(PLANNER, planner)),
            planner);
      }
      case TOO_DEEP -> {
        String first = delegation(root, planner, 1, WORKER, worker, List.of("store"));
        String second = delegation(first, worker, 2, CLERK, clerk, List.of("store"));
        yield send(
            root + ", " + first + ", " + second,
            List.of(identity(WORKER, worker), identity(CLERK, clerk)),
            clerk);
      }
    };
  }

  private String root(List<String> actions, long maxDepth) {
    List<Rule> rules = new ArrayList<>();
    for (String action : actions) {
      PathMatch path = new PathMatch(PathMatch.Type.EXACT, TARGET);
      rules.add(new Rule(action, new HttpMatch(List.of("POST"), List.of(path), false), List.of()));
    }
    return new RootContract(
            SpiffeId.issuer(Names.TRUST_DOMAIN),
            PLANNER,
            AUDIENCE,
            now,
            now - 30,
            now + 300,
            id(),
            id(),
            1,
            planner.publicKey(),
            maxDepth,
            List.of(PLANNER, WORKER, CLERK),
            actions,
            rules,
            Limits.NONE,
            true,
            false,
            false)
        .sign(issuer);
  }

  private String delegation(
      String parent, PrivateKey holder, long depth, String sub, PrivateKey to, List<String> actions)
      throws IOException {
    try {
      return new Delegation(
              Delegation.issuer(holder.publicKey()),
              sub,
              AUDIENCE,
              now,
              now - 30,
              now + 300,
              id(),
              id(),
              to.publicKey(),
              depth,
              1,
              List.of(PLANNER, WORKER, CLERK),
              SignedBlock.read(parent).hash(),
              actions,
              Map.of(),
              Limits.NONE)
          .sign(holder);
    } catch (MalformedException e) {
      throw new IOException("a contract of the demo can't be read: " + e.getMessage(), e);
    }
  }

  private String identity(String sub, PrivateKey key) {
    return new IdentityCredential(
            SpiffeId.issuer(Names.TRUST_DOMAIN),
            sub,
            List.of(),
            new IdentityCredential.Pod("plan", "forger", id()),
            now,
            now - 30,
            now + 300,
            key.publicKey())
        .sign(issuer);
  }

  private static String id() {
    return UUID.randomUUID().toString();
  }

  private Wire.Reply send(String chain, List<String> identities, PrivateKey holder)
      throws IOException {
    String challenge =
        Wire.get(
                host,
                port,
                Names.CHALLENGE_PATH
                    + "?"
                    + Names.CHALLENGE_JKT
                    + "="
                    + holder.publicKey().thumbprint())
            .header(Names.HEADER_NONCE)
            .orElseThrow(() -> new IOException("the gate gave no challenge"));
    List<Field> fields = new ArrayList<>();
    fields.add(new Field(Names.HEADER_CONTRACT, chain));
    fields.add(new Field(Names.HEADER_IDENTITY, String.join(", ", identities)));
    fields.add(new Field("Content-Type", "application/json"));
    fields.addAll(RequestSigner.sign(holder, "POST", TARGET, fields, BODY, challenge + ".1", now));
    StringBuilder request = new StringBuilder("POST " + TARGET + " HTTP/1.1\r\n");
    request.append("Host: ").append(host).append(':').append(port).append("\r\n");
    request.append("Content-Length: ").append(BODY.length).append("\r\n");
    fields.forEach(
        field -> request.append(field.name()).append(": ").append(field.value()).append("\r\n"));
    request.append("\r\n").append(new String(BODY, StandardCharsets.US_ASCII));
    return Wire.send(host, port, request.toString().getBytes(StandardCharsets.ISO_8859_1));
  }
}
