package dev.writ.contract.verify;

import dev.writ.contract.document.Block;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.Limits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules between a parent and its delegation, and over the whole chain (protocol.md,
 * Delegation).
 */
public final class Links {
  private Links() {}

  /**
   * The first rule that a chain breaks, null when it breaks none.
   *
   * @param hashes of all blocks but the last
   */
  public static @Nullable String violation(List<Block> blocks, List<String> hashes) {
    for (int i = 1; i < blocks.size(); i++) {
      String broken = link(blocks.get(i - 1), (Delegation) blocks.get(i), hashes.get(i - 1));
      if (broken == null) {
        broken = ancestors(blocks.subList(0, i), blocks.get(i));
      }
      if (broken != null) {
        return "block " + i + ": " + broken;
      }
    }
    return null;
  }

  private static @Nullable String link(Block parent, Delegation child, String parentHash) {
    if (!child.iss().equals(Delegation.issuer(parent.holder()))) {
      return "iss";
    }
    if (!child.parentHash().equals(parentHash)) {
      return "par_hash";
    }
    if (child.depth() != parent.depth() + 1) {
      return "depth";
    }
    if (child.maxDepth() > parent.maxDepth()) {
      return "del_max_depth rises";
    }
    if (!parent.delegateTo().contains(child.sub())) {
      return "sub not in del_to";
    }
    if (!parent.delegateTo().containsAll(child.delegateTo())) {
      return "del_to widens";
    }
    if (child.iat() < parent.iat() || child.nbf() < parent.nbf() || child.exp() > parent.exp()) {
      return "times widen";
    }
    if (!child.aud().equals(parent.aud())) {
      return "aud";
    }
    return parent.actions().containsAll(child.actions()) ? null : "actions widen";
  }

  private static @Nullable String ancestors(List<Block> ancestors, Block child) {
    for (Block ancestor : ancestors) {
      if (child.depth() > ancestor.maxDepth()) {
        return "ceiling";
      }
      if (child.sub().equals(ancestor.sub())) {
        return "loop";
      }
      if (child.cid().equals(ancestor.cid())) {
        return "cid repeated in the chain";
      }
      String limit = limits(ancestor.limits(), child.limits());
      if (limit != null) {
        return limit;
      }
    }
    return null;
  }

  /** Only what both state is compared: a silent block adds nothing and takes nothing away. */
  private static @Nullable String limits(Limits ancestor, Limits child) {
    if (ancestor.calls() != null && child.calls() != null && child.calls() > ancestor.calls()) {
      return "calls";
    }
    Limits.Rate wide = ancestor.rate();
    Limits.Rate narrow = child.rate();
    if (wide != null
        && narrow != null
        && (narrow.seconds() != wide.seconds() || narrow.calls() > wide.calls())) {
      return "rate";
    }
    Integer many = ancestor.concurrentPerReplica();
    Integer few = child.concurrentPerReplica();
    return many != null && few != null && few > many ? "concurrent_per_replica" : null;
  }
}
