package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.grant.ActionResult;
import dev.writ.contract.grant.Actions;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random chains, some of them wider than they may be: what is accepted is exactly what a naive
 * model accepts, and an accepted leaf grants nothing that any ancestor does not.
 */
class ChainPropertyTest {
  private static final List<String> NAMES = List.of("w0", "w1", "w2", "w3", "w4", "w5");
  private static final List<String> ACTIONS = List.of("a", "b", "c");
  private static final List<String> AMOUNTS = List.of("", "/1", "/7", "/20", "/x");

  private final World world = new World();
  private final List<PrivateKey> keys = new ArrayList<>();
  private final Random random = Seeds.random();
  private final Verifier verifier =
      new Verifier(
          Ed25519.bouncyCastle(), new Challenges(new SecureRandom(), World.MOMENT, 64), 1 << 20);

  @Test
  void acceptedChainsAreThoseOfTheNaiveModelAndNarrow() throws Exception {
    verifier.trust(world.trust());
    for (int i = 0; i < 7; i++) {
      keys.add(PrivateKey.generate());
    }
    Map<ErrorCode, Integer> codes = new HashMap<>();
    int accepted = 0;
    for (int i = 0; i < Integer.getInteger("writ.chains", 300); i++) {
      Made made = make();
      ChainResult result =
          verifier.chain(
              String.join(", ", made.signed),
              made.identities(),
              Set.of(World.AUD),
              new Revocations.Unconfigured(),
              World.MOMENT);
      String seed = "chain " + i + " of seed " + Seeds.seed() + ": " + made.blocks;
      boolean expected = NaiveChains.accepts(made.blocks, made.hashes, World.NOW);
      switch (result) {
        case ChainResult.Verified yes -> {
          assertThat(expected).as(seed).isTrue();
          narrows(yes.chain().blocks(), seed);
          accepted++;
        }
        case ChainResult.Rejected no -> {
          assertThat(expected).as("%s %s", no, seed).isFalse();
          codes.merge(no.code(), 1, Integer::sum);
          if (no.code() == ErrorCode.DELEGATION_VIOLATION && made.blocks.size() <= 5) {
            assertThat(no.chain()).as("who tried: %s", seed).isNotNull();
          }
        }
      }
    }
    assertThat(accepted).isGreaterThan(50);
    assertThat(codes).containsKey(ErrorCode.DELEGATION_VIOLATION);
  }

  /** Whatever the leaf grants, each of its ancestors grants as well. */
  private void narrows(List<Block> blocks, String seed) {
    for (String path : List.of("/a", "/b", "/c", "/d")) {
      for (String amount : AMOUNTS) {
        RequestHead head = new RequestHead("GET", path + amount, List.of());
        if (Actions.decide(blocks, head, new byte[0], Protocol.HTTP)
            instanceof ActionResult.Allowed allowed) {
          for (int depth = 1; depth < blocks.size(); depth++) {
            ActionResult ancestor =
                Actions.decide(blocks.subList(0, depth), head, new byte[0], Protocol.HTTP);
            assertThat(ancestor).as(seed).isEqualTo(allowed);
          }
        }
      }
    }
  }

  private record Made(
      List<Block> blocks, List<String> signed, List<String> hashes, List<String> identityList) {
    String identities() {
      return identityList.isEmpty() ? null : String.join(", ", identityList);
    }
  }

  private Made make() throws Exception {
    Made made =
        new Made(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    RootContract root = root();
    add(made, root, root.sign(world.issuer));
    int delegations = random.nextInt(6);
    for (int i = 1; i <= delegations; i++) {
      Block parent = made.blocks.get(i - 1);
      Delegation child = child(parent, made.hashes.get(i - 1), i);
      add(made, child, child.sign(keys.get(i - 1)));
      made.identityList.add(
          world.identity(child.sub().substring(child.sub().lastIndexOf('/') + 1), child.holder()));
    }
    return made;
  }

  private static void add(Made made, Block block, String jws) throws Exception {
    made.blocks.add(block);
    made.signed.add(jws);
    made.hashes.add(SignedBlock.read(jws).hash());
  }

  private RootContract root() {
    List<String> rules = new ArrayList<>();
    for (String action : ACTIONS) {
      rules.add(
          "{\"action\":\""
              + action
              + "\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Template\",\"value\":\"/"
              + action
              + "/{n}\"}]},\"arguments\":[{\"path\":\"n\",\"maximum\":10}]}");
    }
    return world.root(
        keys.get(0).publicKey(),
        rare() ? random.nextInt(4) : 4,
        NAMES.stream().map(World::workload).toList(),
        rules.stream().map(World::rule).toList(),
        limits(Limits.NONE));
  }

  /** Mostly within its parent; each claim is wrong now and then. */
  private Delegation child(Block parent, String parentHash, int depth) {
    String sub = rare() ? World.workload("w" + random.nextInt(6)) : World.workload("w" + depth);
    List<String> to = rare() ? NAMES.stream().map(World::workload).toList() : parent.delegateTo();
    List<String> actions = rare() ? List.of("a", "d") : subset(parent.actions());
    Map<String, List<Constraint>> arguments =
        random.nextInt(3) == 0
            ? Map.of(
                actions.get(0),
                List.of(
                    World.constraint("{\"path\":\"n\",\"maximum\":" + random.nextInt(30) + "}")))
            : Map.of();
    return new Delegation(
        Delegation.issuer(rare() ? keys.get(6).publicKey() : parent.holder()),
        sub,
        rare() ? World.AUD + "2" : parent.aud(),
        parent.iat() + shift(),
        parent.nbf() + shift(),
        parent.exp() - shift(),
        World.uuid(),
        rare() ? parent.cid() : World.uuid(),
        keys.get(depth).publicKey(),
        rare() ? depth + 1 : depth,
        parent.maxDepth() + (rare() ? 1 : random.nextInt(4) == 0 ? -1 : 0) < 0
            ? 0
            : parent.maxDepth() + (rare() ? 1 : 0),
        to,
        rare() ? "A".repeat(43) : parentHash,
        actions,
        arguments,
        limits(parent.limits()));
  }

  private long shift() {
    return rare() ? -1 : random.nextInt(3);
  }

  private List<String> subset(List<String> all) {
    List<String> some = new ArrayList<>(all);
    while (some.size() > 1 && random.nextInt(4) == 0) {
      some.remove(random.nextInt(some.size()));
    }
    return some;
  }

  private Limits limits(Limits parent) {
    Long above = parent.calls();
    Long calls =
        random.nextBoolean()
            ? null
            : above == null ? 10 + random.nextInt(5) : Long.valueOf(above + (rare() ? 1 : -1));
    Limits.Rate rate =
        random.nextInt(3) > 0 ? null : new Limits.Rate(rare() ? 6 : 5, rare() ? 30 : 60);
    Integer concurrent = random.nextInt(3) > 0 ? null : Integer.valueOf(rare() ? 3 : 2);
    return new Limits(calls, rate, concurrent);
  }

  private boolean rare() {
    return random.nextInt(60) == 0;
  }

  /** Written from the page alone, over all pairs of blocks instead of links. */
  private static final class NaiveChains {
    static boolean accepts(List<Block> blocks, List<String> hashes, long now) {
      Set<String> subs = new HashSet<>();
      Set<String> cids = new HashSet<>();
      boolean good = blocks.size() <= 5;
      for (int j = 0; j < blocks.size(); j++) {
        Block child = blocks.get(j);
        good &= subs.add(child.sub()) && cids.add(child.cid()) && child.depth() == j;
        good &= child.nbf() <= now && now < child.exp() && child.aud().equals(World.AUD);
        if (j > 0) {
          Delegation delegation = (Delegation) child;
          String thumbprint = blocks.get(j - 1).holder().thumbprint();
          good &=
              delegation.iss().equals("urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + thumbprint);
          good &= delegation.parentHash().equals(hashes.get(j - 1));
        }
        for (int i = 0; i < j; i++) {
          good &= within(blocks.get(i), child, j);
        }
      }
      return good;
    }

    private static boolean within(Block ancestor, Block child, int depth) {
      Limits wide = ancestor.limits();
      Limits narrow = child.limits();
      return child.iat() >= ancestor.iat()
          && child.nbf() >= ancestor.nbf()
          && child.exp() <= ancestor.exp()
          && depth <= ancestor.maxDepth()
          && child.maxDepth() <= ancestor.maxDepth()
          && ancestor.delegateTo().contains(child.sub())
          && new HashSet<>(ancestor.delegateTo()).containsAll(child.delegateTo())
          && new HashSet<>(ancestor.actions()).containsAll(child.actions())
          && (wide.calls() == null || narrow.calls() == null || narrow.calls() <= wide.calls())
          && (wide.concurrentPerReplica() == null
              || narrow.concurrentPerReplica() == null
              || narrow.concurrentPerReplica() <= wide.concurrentPerReplica())
          && (wide.rate() == null
              || narrow.rate() == null
              || (narrow.rate().seconds() == wide.rate().seconds()
                  && narrow.rate().calls() <= wide.rate().calls()));
    }
  }
}
