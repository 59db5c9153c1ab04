package dev.writ.contract.verify;

import dev.writ.contract.ErrorCode;
import org.jspecify.annotations.Nullable;

/** The outcome of steps 4 to 7 for a chain alone, without a request. */
public sealed interface ChainResult {
  /** The chain holds. */
  record Verified(Chain chain) implements ChainResult {}

  /**
   * It does not.
   *
   * @param code why
   * @param reason a few words for the record, never for the caller
   * @param chain set once all its signatures and names were proved: what is refused by a link, by
   *     time, audience or revocation
   */
  record Rejected(ErrorCode code, String reason, @Nullable Chain chain) implements ChainResult {}
}
