package dev.writ.contract.verify;

import dev.writ.contract.document.Block;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PublicKey;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A verified chain: root first, leaf last, each delegate's name proved by its identity. Immutable.
 */
public final class Chain {
  private final List<Block> blocks;
  private final List<IdentityCredential> identities;
  private final List<String> parentHashes;
  private final String countPath;
  private final long firstExpiry;

  Chain(List<Block> blocks, List<IdentityCredential> identities, List<String> parentHashes) {
    this.blocks = List.copyOf(blocks);
    this.identities = List.copyOf(identities);
    this.parentHashes = List.copyOf(parentHashes);
    this.countPath = blocks.stream().map(Block::cid).collect(Collectors.joining("/"));
    long first = Long.MAX_VALUE;
    for (Block block : blocks) {
      first = Math.min(first, block.exp());
    }
    for (IdentityCredential identity : identities) {
      first = Math.min(first, identity.exp());
    }
    this.firstExpiry = first;
  }

  /** All blocks, root first; never empty. */
  public List<Block> blocks() {
    return blocks;
  }

  /** The root contract. */
  public RootContract root() {
    return (RootContract) blocks.get(0);
  }

  /** The last block: what the caller holds. */
  public Block leaf() {
    return blocks.get(blocks.size() - 1);
  }

  /** The identities of the delegates, in order; one less than blocks. */
  public List<IdentityCredential> identities() {
    return identities;
  }

  /** Workload id of the caller. */
  public String subject() {
    return leaf().sub();
  }

  /** The caller's key. */
  public PublicKey holder() {
    return leaf().holder();
  }

  /** The cids joined by {@code /}: the path of the leaf's counter. */
  public String countPath() {
    return countPath;
  }

  /** Workload ids, root first. */
  public List<String> subjects() {
    return blocks.stream().map(Block::sub).toList();
  }

  /** Thumbprints of the holder keys, root first. */
  public List<String> thumbprints() {
    return blocks.stream().map(block -> block.holder().thumbprint()).toList();
  }

  /** {@code par_hash} of each delegation. */
  public List<String> parentHashes() {
    return parentHashes;
  }

  /** The first {@code exp} of all blocks and identities, epoch seconds. */
  public long firstExpiry() {
    return firstExpiry;
  }
}
