package dev.writ.operator.keys;

import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;
import java.util.List;

/**
 * What the issuer signs with and what verifiers trust, at one moment. Immutable, swapped whole.
 * Prints thumbprints, never keys. (architecture.md, Sign)
 *
 * @param signer of everything that is signed from now on
 * @param trusted its public half first, then those of other keys whose signatures count
 */
public record IssuerKeys(Signer signer, List<PublicKey> trusted) {
  /** Copies. */
  public IssuerKeys {
    trusted = List.copyOf(trusted);
    if (!trusted.contains(signer.publicKey())) {
      throw new IllegalArgumentException("trusted: the signer's own key is missing");
    }
  }

  /** What verifiers need. */
  public TrustBundle bundle() {
    return TrustBundle.of(trusted);
  }

  @Override
  public String toString() {
    return "IssuerKeys" + trusted;
  }
}
