package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.CounterName;
import dev.writ.sidecar.count.Block;
import java.util.List;

/**
 * A chain with at least one block that has a limit on calls.
 *
 * @param counter the one that a call raises: every block's total is the sum of the counters that
 *     count for it, so there is no moment between parent and child
 * @param allowances of the counted blocks, root first
 */
record CountedChain(CounterName name, SpentCounter counter, List<Allowance> allowances) {
  CountedChain {
    allowances = List.copyOf(allowances);
  }

  static CounterName name(List<Block> blocks) {
    boolean[] counts = new boolean[blocks.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = blocks.get(i).calls() != null;
    }
    return CounterName.of(blocks.getLast().path(), counts);
  }

  /** Whether these blocks, of the same path, are counted in the same way. */
  boolean fits(List<Block> blocks) {
    int counted = 0;
    for (Block block : blocks) {
      if (block.calls() != null) {
        if (counted == allowances.size() || !allowances.get(counted).path().equals(block.path())) {
          return false;
        }
        counted++;
      }
    }
    return counted == allowances.size();
  }

  /** The path of the last block that is counted. */
  String leaf() {
    return allowances.getLast().path();
  }
}
