package dev.writ.contract.client;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.key.Signer;
import dev.writ.contract.verify.Links;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands a chain on: signs a delegation under the key of its last block (protocol.md, Delegation).
 * Pure. What a gate would refuse is not signed.
 */
public final class Delegator {
  /** Longest life of a delegation, seconds. */
  public static final long MAX_SECONDS = 900;

  /** As contracts: verifiers give no leeway. Seconds. */
  private static final long BACKDATE = 30;

  private static final int MAX_BLOCKS = 5;

  private Delegator() {}

  /**
   * What is handed on.
   *
   * @param contract value of {@code Capability-Contract}: root first
   * @param blocks the same, read
   */
  public record Parent(String contract, List<Block> blocks) {
    /** Copies. */
    public Parent {
      blocks = List.copyOf(blocks);
    }

    /** The last block: what is delegated. */
    public Block leaf() {
      return blocks.get(blocks.size() - 1);
    }
  }

  /**
   * Ids and times of the new block.
   *
   * @param cid counts and revocations of the delegation hang on it
   * @param jti of this instance
   * @param now epoch seconds
   * @param seconds how long it lives at most; it never outlives its parent or the delegate's
   *     credential
   */
  public record Stamp(String cid, String jti, long now, long seconds) {}

  /**
   * A chain for the delegate.
   *
   * @param contract value of {@code Capability-Contract}
   * @param block the new last block
   */
  public record Delegated(String contract, Delegation block) {}

  /**
   * Why the chain cannot be delegated to the workload, in words for its holder; null when it can.
   *
   * @param workload id of the delegate
   */
  public static @Nullable String obstacle(List<Block> blocks, String workload) {
    Block leaf = blocks.get(blocks.size() - 1);
    for (Block block : blocks) {
      if (leaf.depth() + 1 > block.maxDepth()) {
        return "it may not be delegated "
            + (block.maxDepth() == 0 ? "at all" : "deeper than " + block.maxDepth());
      }
      if (block.sub().equals(workload)) {
        return workload + " stands in the chain already";
      }
    }
    if (blocks.size() == MAX_BLOCKS) {
      return "the chain has " + MAX_BLOCKS + " blocks already";
    }
    return leaf.delegateTo().contains(workload)
        ? null
        : "it may be delegated to " + String.join(", ", leaf.delegateTo()) + " alone";
  }

  /**
   * Signs the delegation.
   *
   * @param holder owner of the key of the parent's last block
   * @param delegate credential of the key that may use it; verified by the caller
   * @throws MalformedException with a sentence for the holder when a gate would refuse it
   */
  public static Delegated sign(
      Parent parent,
      Signer holder,
      IdentityCredential delegate,
      Attenuation attenuation,
      Stamp stamp)
      throws MalformedException {
    Block leaf = parent.leaf();
    String obstacle = obstacle(parent.blocks(), delegate.sub());
    if (obstacle != null) {
      throw new MalformedException("delegation: " + obstacle);
    }
    if (!leaf.holder().equals(holder.publicKey())) {
      throw new MalformedException("delegation: the contract is for another key than this one");
    }
    if (!SpiffeId.parse(delegate.sub()).trustDomain().equals(domain(leaf))) {
      throw new MalformedException("delegation: the delegate is of another trust domain");
    }
    String last = parent.contract().substring(parent.contract().lastIndexOf(' ') + 1);
    String hash = SignedBlock.read(last).hash();
    Delegation block = block(leaf, hash, delegate, attenuation, stamp);
    block.compile();
    List<Block> blocks = new ArrayList<>(parent.blocks());
    blocks.add(block);
    List<String> hashes = new ArrayList<>(hashes(parent.blocks()));
    hashes.add(hash);
    String violation = Links.violation(blocks, hashes);
    if (violation != null) {
      throw new MalformedException("delegation: wider than its parent (" + violation + ")");
    }
    String jws = block.sign(holder);
    // As the delegate and the gate will read it: a document that only we can read is of no use.
    SignedBlock.read(jws);
    return new Delegated(parent.contract() + ", " + jws, block);
  }

  private static Delegation block(
      Block leaf, String hash, IdentityCredential delegate, Attenuation attenuation, Stamp stamp)
      throws MalformedException {
    long now = stamp.now();
    long seconds = Math.min(stamp.seconds(), MAX_SECONDS);
    long exp = Math.min(now + seconds, Math.min(leaf.exp(), delegate.exp()));
    if (now < leaf.nbf() || exp <= now) {
      throw new MalformedException("delegation: the contract or the credential is not valid now");
    }
    return new Delegation(
        Delegation.issuer(leaf.holder()),
        delegate.sub(),
        leaf.aud(),
        // A clock that is behind the issuer's by a second must not break the link.
        Math.max(now, leaf.iat()),
        Math.max(now - BACKDATE, leaf.nbf()),
        exp,
        stamp.jti(),
        stamp.cid(),
        delegate.holder(),
        leaf.depth() + 1,
        attenuation.maxDepth().orElse(leaf.maxDepth()),
        attenuation.delegateTo().orElse(leaf.delegateTo()),
        hash,
        attenuation.actions().orElse(leaf.actions()),
        attenuation.arguments(),
        attenuation.limits());
  }

  private static String domain(Block block) throws MalformedException {
    return SpiffeId.parse(block.sub()).trustDomain();
  }

  /** {@code par_hash} of the delegations that are there: the hashes of their parents. */
  private static List<String> hashes(List<Block> blocks) {
    List<String> hashes = new ArrayList<>();
    for (Block block : blocks) {
      if (block instanceof Delegation delegation) {
        hashes.add(delegation.parentHash());
      }
    }
    return hashes;
  }
}
