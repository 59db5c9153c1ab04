package dev.writ.contract.verify;

import org.jspecify.annotations.Nullable;

/** A request whose head passed steps 1 to 8: its body may be read. Immutable; for one call. */
public final class Proven implements HeadResult {
  private final RequestHead head;
  private final Listener listener;
  private final Chain chain;
  private final Nonce nonce;
  private final @Nullable String contentDigest;
  private final String proofDigest;
  private final boolean renew;

  Proven(
      RequestHead head,
      Listener listener,
      Chain chain,
      Nonce nonce,
      @Nullable String contentDigest,
      String proofDigest,
      boolean renew) {
    this.head = head;
    this.listener = listener;
    this.chain = chain;
    this.nonce = nonce;
    this.contentDigest = contentDigest;
    this.proofDigest = proofDigest;
    this.renew = renew;
  }

  /** The request. */
  public RequestHead head() {
    return head;
  }

  /** Where it came in. */
  public Listener listener() {
    return listener;
  }

  /** Who asks. */
  public Chain chain() {
    return chain;
  }

  /** SHA-256 of the signature base, base64url: names this proof in the record. */
  public String proofDigest() {
    return proofDigest;
  }

  Nonce nonce() {
    return nonce;
  }

  /**
   * Whether the proof covers the opening of a stream alone: then the body is not read, and {@link
   * Verifier#opening} decides.
   */
  public boolean isOpening() {
    return contentDigest == null;
  }

  /** The value of {@code Content-Digest}, of right syntax; null for the opening of a stream. */
  @Nullable String contentDigest() {
    return contentDigest;
  }

  /**
   * Whose next challenge a denial carries, a thumbprint; null when the one in use will do.
   * (protocol.md, section 3)
   */
  public @Nullable String challengeFor() {
    return renew ? chain.holder().thumbprint() : null;
  }
}
