package dev.writ.sidecar.gate;

import dev.writ.contract.Problem;
import dev.writ.contract.grant.Dialect;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Granted;
import dev.writ.contract.verify.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * A refusal with all that goes into its record and its answer.
 *
 * @param nonceFor thumbprint for a fresh challenge, null for none
 */
record Refused(
    Problem problem,
    @Nullable Chain chain,
    @Nullable String action,
    @Nullable String nonceFor,
    @Nullable Granted granted,
    Dialect dialect) {
  static Refused of(Refusal refusal, @Nullable Granted granted) {
    return new Refused(
        Problem.of(refusal.code()),
        refusal.chain(),
        refusal.action(),
        refusal.challengeFor(),
        granted,
        refusal.dialect());
  }
}
