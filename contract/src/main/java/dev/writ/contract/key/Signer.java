package dev.writ.contract.key;

/** Something that signs with one Ed25519 key: in memory, or behind a token. */
public interface Signer {
  /** The public half. */
  PublicKey publicKey();

  /** The signature (RFC 8032, pure Ed25519), 64 bytes. */
  byte[] sign(byte[] message);
}
