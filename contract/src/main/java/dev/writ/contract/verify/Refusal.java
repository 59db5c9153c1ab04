package dev.writ.contract.verify;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.grant.Dialect;
import org.jspecify.annotations.Nullable;

/**
 * A request that may not pass.
 *
 * @param code why
 * @param reason a few words for the record and the log, never for the caller; no secret, no text of
 *     the request
 * @param chain who asked; only set once the chain was verified (from step 5 on)
 * @param action the action that was refused, when step 10 knows it; null otherwise
 * @param challengeFor thumbprint of the key that the answer should carry a fresh {@code
 *     Capability-Nonce} for; null = none
 * @param dialect how the client understands it; HTTP for all before step 10
 */
public record Refusal(
    ErrorCode code,
    String reason,
    @Nullable Chain chain,
    @Nullable String action,
    @Nullable String challengeFor,
    Dialect dialect)
    implements FrameResult, HeadResult, BodyResult {
  /** One that is told in HTTP. */
  public Refusal(
      ErrorCode code,
      String reason,
      @Nullable Chain chain,
      @Nullable String action,
      @Nullable String challengeFor) {
    this(code, reason, chain, action, challengeFor, Dialect.HTTP);
  }

  static Refusal of(ErrorCode code, String reason) {
    return new Refusal(code, reason, null, null, null);
  }

  static Refusal of(ErrorCode code, String reason, Chain chain) {
    return new Refusal(code, reason, chain, null, null);
  }
}
