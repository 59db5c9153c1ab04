package dev.writ.operator.keys;

import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;

/**
 * A place where keys that sign contracts lie: the Secret itself, a PKCS #11 token, a KMS. Makes
 * keys, signs with them, forgets them. Thread-safe. (architecture.md, Sign; docs/keys.md says how
 * to write one)
 */
public interface ContractSigner {
  /** The scheme of its references. */
  String scheme();

  /**
   * Makes a key. When this returns the key is durable where this keeps its keys; what the reference
   * finds must survive a restart.
   */
  Made make() throws KeyUnavailableException;

  /**
   * The signer of a key that {@link #make} made, perhaps long ago. Its {@code sign} must give
   * exactly the signature of RFC 8032; one that fails throws {@link IllegalStateException}, and
   * nothing is issued.
   *
   * @throws KeyUnavailableException if there is no such key, or it is another one than {@code key}
   */
  Signer open(PublicKey key, KeyReference reference) throws KeyUnavailableException;

  /** Forgets the private half. No error if it is gone. */
  void destroy(KeyReference reference) throws KeyUnavailableException;

  /** A new key. */
  record Made(Signer signer, KeyReference reference) {}
}
