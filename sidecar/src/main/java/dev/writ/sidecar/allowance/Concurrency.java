package dev.writ.sidecar.allowance;

import dev.writ.contract.ErrorCode;
import dev.writ.sidecar.count.Admission.Place;
import dev.writ.sidecar.count.Admission.Refused;
import dev.writ.sidecar.count.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls under way at this replica, by path. A stream holds its place until it ends. */
final class Concurrency {
  private static final Place NONE = () -> {};

  private final Map<String, Integer> inFlight = new HashMap<>();

  @Nullable Refused refusal(List<Block> blocks) {
    for (Block block : blocks) {
      Integer limit = block.concurrent();
      int now = inFlight.getOrDefault(block.path(), 0);
      if (limit != null && now >= limit) {
        return new Refused(ErrorCode.TOO_MANY_CONCURRENT, (long) limit, (long) now, null);
      }
    }
    return null;
  }

  Place enter(List<Block> blocks) {
    List<String> paths = new ArrayList<>();
    for (Block block : blocks) {
      if (block.concurrent() != null) {
        paths.add(block.path());
        inFlight.merge(block.path(), 1, Integer::sum);
      }
    }
    return paths.isEmpty() ? NONE : new Held(paths);
  }

  /** A place that can be left once. */
  private final class Held implements Place {
    private final List<String> paths;
    private boolean left;

    Held(List<String> paths) {
      this.paths = paths;
    }

    @Override
    public void leave() {
      if (!left) {
        left = true;
        paths.forEach(
            path -> inFlight.computeIfPresent(path, (_, now) -> now == 1 ? null : now - 1));
      }
    }
  }
}
