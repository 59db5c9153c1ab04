package dev.writ.contract.verify;

import dev.writ.contract.document.RevocationList;

/** What a gate knows about revocation (protocol.md, Revocation list). */
public sealed interface Revocations {
  /** In cluster mode a list older than this is stale, seconds. */
  long MAX_AGE = 300;

  /** A list is needed and there is none yet: every call is refused as stale. */
  record None() implements Revocations {}

  /** Standalone mode without a list: step 7 passes. */
  record Unconfigured() implements Revocations {}

  /**
   * The list in force.
   *
   * @param list accepted earlier
   * @param maxAgeSeconds stale when its {@code iat} is longer ago; {@link Long#MAX_VALUE} = until
   *     its {@code exp}
   */
  record Current(RevocationList list, long maxAgeSeconds) implements Revocations {
    /** Whether the list may still be used. */
    public boolean isFresh(Moment now) {
      return now.epochSeconds() < list.exp() && now.epochSeconds() - list.iat() <= maxAgeSeconds;
    }
  }

  /** A list in cluster mode: stale after {@link #MAX_AGE} or at its {@code exp}. */
  static Current cluster(RevocationList list) {
    return new Current(list, MAX_AGE);
  }

  /** A list in standalone mode: stale at its {@code exp}. */
  static Current standalone(RevocationList list) {
    return new Current(list, Long.MAX_VALUE);
  }
}
