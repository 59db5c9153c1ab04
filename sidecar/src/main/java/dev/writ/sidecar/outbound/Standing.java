package dev.writ.sidecar.outbound;

import dev.writ.sidecar.work.HeldChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For whom a call of the app is made.
 *
 * @param parent receipt of the call that the app works on; null when the call belongs to no work
 * @param handed what the callers of that work handed over and is valid now, the newest first
 * @param mixed whether the work has more than one caller: then nobody's authority may be taken
 */
record Standing(@Nullable String parent, List<HeldChain> handed, boolean mixed) {
  static final Standing NONE = new Standing(null, List.of(), false);

  Standing {
    handed = List.copyOf(handed);
  }

  /** What was handed over for that service. */
  List<HeldChain> handedFor(String audience) {
    return handed.stream().filter(chain -> chain.audience().equals(audience)).toList();
  }
}
