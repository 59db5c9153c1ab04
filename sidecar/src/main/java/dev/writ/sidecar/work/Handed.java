package dev.writ.sidecar.work;

import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.OnwardChains.Onward;

/**
 * A chain that a caller handed over, verified: it ends in a block for this sidecar's own key.
 *
 * @param sent as it came
 * @param chain what it says
 */
public record Handed(Onward sent, Chain chain) {
  /**
   * As it is shown to a callee.
   *
   * @param identity own credential as it is now, a JWS: the one from when the chain came may have
   *     ended
   */
  public HeldChain with(String identity) {
    return new HeldChain(sent.contract(), sent.identitiesWith(identity), chain.blocks());
  }

  /** Characters that it keeps in memory. */
  int length() {
    String identities = sent.identities();
    return sent.contract().length() + (identities == null ? 0 : identities.length());
  }

  @Override
  public String toString() {
    return "Handed[" + chain.countPath() + "]";
  }
}
