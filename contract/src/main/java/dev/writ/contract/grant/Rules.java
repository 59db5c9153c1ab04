package dev.writ.contract.grant;

import dev.writ.contract.document.Block;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules of a chain: those of the root whose action every block grants, with every block's
 * constraints added.
 */
final class Rules {
  private final List<Block> blocks;
  private final RootContract root;

  Rules(List<Block> blocks) {
    if (blocks.isEmpty() || !(blocks.get(0) instanceof RootContract first)) {
      throw new IllegalArgumentException("blocks: the first is not a root contract");
    }
    this.blocks = blocks;
    this.root = first;
  }

  RootContract root() {
    return root;
  }

  /** In the order of the document. */
  List<Rule> all() {
    return root.rules();
  }

  /** Whether no block left the action out. */
  boolean grants(Rule rule) {
    for (Block block : blocks) {
      if (!block.actions().contains(rule.action())) {
        return false;
      }
    }
    return true;
  }

  /** Delegations add constraints, they replace none. */
  List<Constraint> constraints(Rule rule) {
    if (blocks.size() == 1) {
      return rule.arguments();
    }
    List<Constraint> all = new ArrayList<>(rule.arguments());
    for (Block block : blocks) {
      if (block instanceof Delegation delegation) {
        all.addAll(delegation.arguments().getOrDefault(rule.action(), List.of()));
      }
    }
    return all;
  }
}
