package dev.writ.contract.verify;

import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Steps 1 to 11 of protocol.md, section 4, in their order; the first failure answers. Thread-safe;
 * no I/O, no clock. Verified chains are cached, bounded, until their first {@code exp}.
 */
public final class Verifier {
  private final Ed25519 ed25519;
  private final Challenges challenges;
  private final int bodyCap;
  private volatile TrustBundle trust;

  /**
   * A verifier that trusts nobody yet.
   *
   * @param ed25519 checks signatures
   * @param challenges of this process
   * @param bodyCap largest body, bytes
   */
  public Verifier(Ed25519 ed25519, Challenges challenges, int bodyCap) {
    this.ed25519 = ed25519;
    this.challenges = challenges;
    this.bodyCap = bodyCap;
    this.trust = TrustBundle.of(java.util.List.of());
  }

  /** Replaces the issuer keys; what was verified under the old ones is forgotten. */
  public void trust(TrustBundle bundle) {
    trust = bundle;
  }

  /** Steps 1 to 8: everything that can be said before the body is read. */
  public HeadResult head(RequestHead head, Listener listener, Revocations revocations, Moment now) {
    if (trust.keys().isEmpty() || head.fields().isEmpty()) {
      return Refusal.of(
          dev.writ.contract.ErrorCode.INVALID_CONTRACT, challenges.getClass().getName());
    }
    throw new UnsupportedOperationException("not built yet: " + ed25519.provider());
  }

  /** Steps 9 and 10. A body over the cap need not be complete: what was read so far is enough. */
  public BodyResult body(Proven proven, byte[] body) {
    if (body.length > bodyCap) {
      return Refusal.of(dev.writ.contract.ErrorCode.BODY_TOO_LARGE, "body");
    }
    throw new UnsupportedOperationException("not built yet: " + bodyCap);
  }

  /**
   * Step 11: spends the sequence number. Null when it was free, and the call may go on to step 12.
   */
  public @Nullable Refusal spend(Granted granted, Moment now) {
    if (granted.seq() < 1) {
      return Refusal.of(dev.writ.contract.ErrorCode.USE_NONCE, "seq");
    }
    throw new UnsupportedOperationException("not built yet");
  }
}
