package dev.writ.operator.keys;

import dev.writ.contract.key.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * One key of the issuer. Prints its thumbprint, never its private half.
 *
 * @param since epoch second at which it came into its state
 * @param until {@link KeyState#OLD} alone: epoch second at which the last contract under it has
 *     ended; else 0
 * @param reference finds the private half; {@link KeyState#NEXT} and {@link KeyState#CURRENT}
 *     alone: a key that must not sign again is forgotten
 */
public record IssuerKey(
    PublicKey key, KeyState state, long since, long until, @Nullable KeyReference reference) {
  /** Checks that the state has what belongs to it. */
  public IssuerKey {
    boolean signs = state == KeyState.NEXT || state == KeyState.CURRENT;
    if (signs != (reference != null)) {
      throw new IllegalArgumentException(
          "reference: a key that is " + state.word() + (signs ? " needs one" : " has none"));
    }
    if (since < 0 || (state == KeyState.OLD) != (until > 0)) {
      throw new IllegalArgumentException("until: belongs to old keys, and to each of them");
    }
  }

  /** RFC 7638 thumbprint. */
  public String kid() {
    return key.thumbprint();
  }

  @Override
  public String toString() {
    return state.word() + ":" + kid();
  }
}
