package dev.writ.contract.verify;

import dev.writ.contract.grant.ActionResult;
import dev.writ.contract.grant.Dialect;
import org.jspecify.annotations.Nullable;

/** A request that passed steps 1 to 10. Immutable; for one call. */
public final class Granted implements BodyResult {
  private final Proven proven;
  private final ActionResult.Allowed allowed;
  private final @Nullable String bodyDigest;

  Granted(Proven proven, ActionResult.Allowed allowed, @Nullable String bodyDigest) {
    this.proven = proven;
    this.allowed = allowed;
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
    return allowed.action();
  }

  /** Whether it counts against limits; false for base-protocol messages. */
  public boolean counted() {
    return allowed.counted();
  }

  /** How the client understands a later denial. */
  public Dialect dialect() {
    return allowed.dialect();
  }

  /** What the answer gives the caller to own. */
  public ActionResult.Begins begins() {
    return allowed.begins();
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

  /** SHA-256 of the body, base64url; null when only the opening of a stream is proved. */
  public @Nullable String bodyDigest() {
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
