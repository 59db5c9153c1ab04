package dev.writ.sidecar.allowance;

import dev.writ.contract.quota.CounterName;
import org.jspecify.annotations.Nullable;

/** The counters of this boot, in its file. */
public interface Counters {
  /**
   * The counter of that name, made at zero if need be. When this returns, whoever settles this boot
   * finds the name in the file: nothing is asked for before that.
   *
   * @return null when the file is full
   */
  @Nullable SpentCounter counter(CounterName name);
}
