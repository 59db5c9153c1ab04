package dev.writ.sidecar.state;

import dev.writ.contract.document.RootContract;

/**
 * A contract that this workload may call with: the bytes to send and what they say.
 *
 * @param jws compact serialization, as signed by the issuer
 * @param contract the same, parsed
 */
public record HeldContract(String jws, RootContract contract) {
  /** A contract opens nothing without its key, yet it has no place in a log: only its id prints. */
  @Override
  public String toString() {
    return "HeldContract[" + contract.jti() + "]";
  }
}
