package dev.writ.sidecar.count;

import org.jspecify.annotations.Nullable;

/**
 * One block of a chain, as far as counting goes.
 *
 * @param path cids from the root to this block, joined by {@code /}: the name of the counter
 *     (quota.md, Totals)
 * @param cid of this block
 * @param calls limit over the life of the capability, null for none
 * @param rate limit per window, null for none
 * @param concurrent calls in flight at this replica, null for no limit
 */
public record Block(
    String path,
    String cid,
    @Nullable Long calls,
    @Nullable Window rate,
    @Nullable Integer concurrent) {

  /**
   * A rate.
   *
   * @param calls per window
   * @param seconds length of a window; windows begin at multiples of it
   */
  public record Window(long calls, long seconds) {}
}
