package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;

/**
 * A block of a chain as it was sent: read strictly, and verified only once {@link #verify}
 * returned.
 */
public final class SignedBlock {
  private final Jws jws;
  private final Block block;

  private SignedBlock(Jws jws, Block block) {
    this.jws = jws;
    this.block = block;
  }

  /**
   * Reads a root contract (with {@code kid}) or a delegation (without). No public-key operation.
   */
  public static SignedBlock read(String compact) throws MalformedException {
    Jws jws = Jws.decode(compact, Jws.CONTRACT);
    Block block =
        jws.kid() != null ? RootContract.read(jws.payload()) : Delegation.read(jws.payload());
    return new SignedBlock(jws, block);
  }

  /** The block. Nothing of it is proved before {@link #verify}. */
  public Block block() {
    return block;
  }

  /** SHA-256 of the signing input, base64url: the {@code par_hash} of its children. */
  public String hash() {
    return jws.hash();
  }

  /**
   * Verifies a root under the issuer's key, and checks the holder's key; throws when either fails.
   */
  public void verify(TrustBundle trust, Ed25519 ed25519) throws MalformedException {
    jws.verify(trust, ed25519);
    block.holder().checked();
    block.compile();
  }

  /**
   * Verifies a delegation under its parent's holder key, and checks its own; throws when either
   * fails.
   */
  public void verify(PublicKey parentHolder, Ed25519 ed25519) throws MalformedException {
    jws.verify(parentHolder, ed25519);
    block.holder().checked();
    block.compile();
  }
}
