package dev.writ.sidecar.gate;

import dev.writ.contract.document.Limits;
import dev.writ.contract.verify.Chain;
import dev.writ.sidecar.count.Block;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chain as the counter sees it. */
final class Blocks {
  private Blocks() {}

  static List<Block> of(Chain chain) {
    List<Block> blocks = new ArrayList<>(chain.blocks().size());
    String path = "";
    for (dev.writ.contract.document.Block block : chain.blocks()) {
      path = path.isEmpty() ? block.cid() : path + "/" + block.cid();
      Limits limits = block.limits();
      blocks.add(
          new Block(
              path,
              block.cid(),
              limits.calls(),
              window(limits.rate()),
              limits.concurrentPerReplica()));
    }
    return blocks;
  }

  private static Block.@Nullable Window window(Limits.@Nullable Rate rate) {
    return rate == null ? null : new Block.Window(rate.calls(), rate.seconds());
  }
}
