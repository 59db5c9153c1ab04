package dev.writ.contract.verify;

/** A request that passed steps 1 to 10. Immutable; for one call. */
public final class Granted implements BodyResult {
  private final Proven proven;
  private final String action;
  private final boolean counted;
  private final String bodyDigest;

  Granted(Proven proven, String action, boolean counted, String bodyDigest) {
    this.proven = proven;
    this.action = action;
    this.counted = counted;
    this.bodyDigest = bodyDigest;
  }

  /** The request. */
  public RequestHead head() {
    return proven.head();
  }

  /** Who asks. */
  public Chain chain() {
    return proven.chain();
  }

  /** The action, {@code base} for base-protocol messages. */
  public String action() {
    return action;
  }

  /** Whether it counts against limits; false for base-protocol messages. */
  public boolean counted() {
    return counted;
  }

  /** The challenge of its nonce. */
  public String challenge() {
    return proven.nonce().challenge();
  }

  /** The sequence number of its nonce. */
  public long seq() {
    return proven.nonce().seq();
  }

  /** SHA-256 of the signature base, base64url. */
  public String proofDigest() {
    return proven.proofDigest();
  }

  /** SHA-256 of the body, base64url. */
  public String bodyDigest() {
    return bodyDigest;
  }

  /** Whether the reply should carry the next {@code Capability-Nonce} (protocol.md, section 3). */
  public boolean renewNonce(Moment now) {
    return proven.nonce().nearEnd(now);
  }

  Nonce nonce() {
    return proven.nonce();
  }
}
