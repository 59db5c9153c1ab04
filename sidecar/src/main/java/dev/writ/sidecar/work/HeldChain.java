package dev.writ.sidecar.work;

import dev.writ.contract.document.Block;
import dev.writ.sidecar.state.HeldContract;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to call with: a contract of this workload, or a chain that a caller handed over.
 *
 * @param contract value of {@code Capability-Contract}
 * @param identities value of {@code Capability-Identity}; null for a root alone
 * @param blocks the same, root first; the last one is for this sidecar's key
 */
public record HeldChain(String contract, @Nullable String identities, List<Block> blocks) {
  /** Copies. */
  public HeldChain {
    blocks = List.copyOf(blocks);
    if (blocks.isEmpty() || (blocks.size() == 1) != (identities == null)) {
      throw new IllegalArgumentException("identities: one for each delegation");
    }
  }

  /** A contract of this workload's own. */
  public static HeldChain of(HeldContract held) {
    return new HeldChain(held.jws(), null, List.of(held.contract()));
  }

  /** The service that it is for. */
  public String audience() {
    return blocks.getFirst().aud();
  }

  /** The cids joined by {@code /}: the path of its counter. */
  public String path() {
    return String.join("/", blocks.stream().map(Block::cid).toList());
  }

  /** Whether every block is valid then, epoch seconds. */
  public boolean isValid(long now) {
    return blocks.stream().allMatch(block -> now >= block.nbf() && now < block.exp());
  }

  /** Its ids alone: it has no place in a log. */
  @Override
  public String toString() {
    return "HeldChain[" + path() + "]";
  }
}
