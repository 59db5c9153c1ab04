package dev.writ.contract.verify;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.grant.ActionResult;
import dev.writ.contract.grant.Actions;
import dev.writ.contract.grant.Ownership;
import dev.writ.contract.key.Ed25519;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Steps 1 to 11 of protocol.md, section 4, in their order; the first failure answers. Thread-safe;
 * no I/O, no clock. Verified chains are cached, bounded, until their first {@code exp}.
 */
public final class Verifier {
  /** Total length of the header values whose chains are cached, bytes. */
  private static final long CACHE = 4 << 20;

  private final Ed25519 ed25519;
  private final Challenges challenges;
  private final int bodyCap;
  private volatile Trusted trusted;

  /**
   * A bundle and what was verified under it: swapped together, so that nothing outlives its issuer
   * key.
   */
  private record Trusted(TrustBundle bundle, ChainCache cache) {}

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
    this.trusted = new Trusted(TrustBundle.of(List.of()), new ChainCache(CACHE));
  }

  /** Replaces the issuer keys; what was verified under the old ones is forgotten. */
  public void trust(TrustBundle bundle) {
    trusted = new Trusted(bundle, new ChainCache(CACHE));
  }

  /** How many verified chains are remembered, for a metric. */
  public int cachedChains() {
    return trusted.cache.count();
  }

  /** Steps 1 to 8: everything that can be said before the body is read. */
  public HeadResult head(RequestHead head, Listener listener, Revocations revocations, Moment now) {
    return switch (Framing.check(head, listener.protocol())) {
      case Refusal refusal -> refusal;
      case Framed framed -> {
        Proof proof = Proof.read(framed);
        yield proof == null
            ? Refusal.of(ErrorCode.INVALID_PROOF, "Signature-Input or Signature shape")
            : challenged(head, framed, proof, listener, revocations, now);
      }
    };
  }

  /**
   * What step 1 says of a head apart from contract and proof. In shadow mode a call without a
   * contract goes on, and a framing error is refused all the same: {@code missing-contract} comes
   * first and would hide it.
   *
   * @return null when the head is sound
   */
  public static @Nullable Refusal framing(RequestHead head) {
    return Framing.bare(head);
  }

  /**
   * Step 3, then on: the nonce against the leaf, which nobody verified yet unless the chain is
   * cached.
   */
  private HeadResult challenged(
      RequestHead head,
      Framed framed,
      Proof proof,
      Listener listener,
      Revocations revocations,
      Moment now) {
    Trusted trust = trusted;
    ChainCache.Key key = ChainCache.Key.of(framed.contract(), framed.identities());
    Chain cached = trust.cache.get(key, now);
    String jkt = cached != null ? cached.holder().thumbprint() : leafThumbprint(framed.contract());
    Nonce nonce = jkt == null ? null : challenges.check(proof.challenge(), proof.seq(), jkt, now);
    if (jkt != null && nonce == null) {
      return new Refusal(ErrorCode.USE_NONCE, "nonce", null, null, jkt);
    }
    ChainResult result =
        cached != null
            ? new ChainResult.Verified(cached)
            : read(trust, key, framed.contract(), framed.identities(), now);
    return switch (admitted(result, listener, revocations, now)) {
      case ChainResult.Rejected no -> new Refusal(no.code(), no.reason(), no.chain(), null, null);
      case ChainResult.Verified yes ->
          nonce == null
              ? Refusal.of(ErrorCode.INVALID_CONTRACT, "leaf")
              : proven(head, framed, proof, nonce, yes.chain(), listener, now);
    };
  }

  /** Steps 5 to 7 for a chain that passed step 4. */
  private static ChainResult admitted(
      ChainResult result, Listener listener, Revocations revocations, Moment now) {
    return result instanceof ChainResult.Verified verified
        ? Admission.check(verified.chain(), listener.services(), revocations, now)
        : result;
  }

  /** Step 4 where no nonce stands before it: from the cache, else read. */
  private ChainResult read(String contract, @Nullable String identities, Moment now) {
    Trusted trust = trusted;
    ChainCache.Key key = ChainCache.Key.of(contract, identities);
    Chain cached = trust.cache.get(key, now);
    return cached != null
        ? new ChainResult.Verified(cached)
        : read(trust, key, contract, identities, now);
  }

  private ChainResult read(
      Trusted trust, ChainCache.Key key, String contract, @Nullable String identities, Moment now) {
    ChainResult result = new ChainReader(ed25519, trust.bundle).read(contract, identities);
    if (result instanceof ChainResult.Verified verified) {
      int bytes = contract.length() + (identities == null ? 0 : identities.length());
      trust.cache.put(key, verified.chain(), bytes, now);
    }
    return result;
  }

  /** Null when the leaf is unreadable: step 4 answers then. */
  private static @Nullable String leafThumbprint(String contract) {
    try {
      String leaf = contract.substring(contract.lastIndexOf(' ') + 1);
      return SignedBlock.read(leaf).block().holder().thumbprint();
    } catch (MalformedException e) {
      return null;
    }
  }

  /** Step 8. */
  private HeadResult proven(
      RequestHead head,
      Framed framed,
      Proof proof,
      Nonce nonce,
      Chain chain,
      Listener listener,
      Moment now) {
    byte[] base = proof.base(head, framed);
    if (!proof.holds(base, chain.holder(), ed25519, now)) {
      return Refusal.of(ErrorCode.INVALID_PROOF, "signature or its time", chain);
    }
    String digest = Base64Url.encode(Digests.sha256(base));
    return new Proven(head, listener, chain, nonce, framed.digest(), digest, nonce.nearEnd(now));
  }

  /**
   * Steps 9 and 10 for a caller that owns nothing: no task, no session. A body over the cap need
   * not be complete: what was read so far is enough.
   */
  public BodyResult body(Proven proven, byte[] body) {
    return body(proven, body, Ownership.NONE);
  }

  /**
   * Steps 9 and 10.
   *
   * @param ownership what the subject of the chain was given before
   */
  public BodyResult body(Proven proven, byte[] body, Ownership ownership) {
    if (body.length > bodyCap) {
      return refused(proven, ErrorCode.BODY_TOO_LARGE, "body");
    }
    byte[] digest = Digests.sha256(body);
    String expected = "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
    if (!expected.equals(proven.contentDigest())) {
      return refused(proven, ErrorCode.DIGEST_MISMATCH, "Content-Digest");
    }
    ActionResult result =
        Actions.decide(
            proven.chain(), proven.head(), body, proven.listener().protocol(), ownership);
    return decided(proven, result, Base64Url.encode(digest));
  }

  /** Step 10 for the opening of a stream, whose body no proof covers. */
  public BodyResult opening(Proven proven) {
    if (!proven.isOpening()) {
      throw new IllegalArgumentException("the proof covers a body: read it");
    }
    return decided(
        proven,
        Actions.decideOpening(proven.chain(), proven.head(), proven.listener().protocol()),
        null);
  }

  private static BodyResult decided(Proven proven, ActionResult result, @Nullable String digest) {
    return switch (result) {
      case ActionResult.Refused no ->
          new Refusal(
              no.code(),
              no.reason(),
              proven.chain(),
              no.action(),
              proven.challengeFor(),
              no.dialect());
      case ActionResult.Allowed yes -> new Granted(proven, yes, digest);
    };
  }

  private static Refusal refused(Proven proven, ErrorCode code, String reason) {
    return new Refusal(code, reason, proven.chain(), null, proven.challengeFor());
  }

  /**
   * Step 11: spends the sequence number. Null when it was free, and the call may go on to step 12.
   */
  public @Nullable Refusal spend(Granted granted, Moment now) {
    String jkt = granted.chain().holder().thumbprint();
    return switch (challenges.spend(granted.nonce(), jkt, now)) {
      case ADMITTED -> null;
      case REPLAYED -> {
        String renew = granted.renewNonce(now) ? jkt : null;
        yield new Refusal(
            ErrorCode.REPLAYED, "sequence number seen", granted.chain(), granted.action(), renew);
      }
      case UNKNOWN ->
          new Refusal(
              ErrorCode.USE_NONCE, "challenge gone", granted.chain(), granted.action(), jkt);
    };
  }

  /**
   * Steps 1 and 4 to 7 once more, for a call that was granted a while ago: the rest of it was long
   * in coming, or its answer is under way.
   *
   * @param listener where the call came in, as it is now
   * @return null as long as such a call would pass
   */
  public @Nullable ErrorCode again(
      Granted granted, Listener listener, Revocations revocations, Moment now) {
    return switch (Framing.check(granted.head(), listener.protocol())) {
      case Refusal refusal -> refusal.code();
      case Framed framed -> {
        ChainResult result = read(framed.contract(), framed.identities(), now);
        yield switch (admitted(result, listener, revocations, now)) {
          case ChainResult.Rejected no -> no.code();
          case ChainResult.Verified yes -> null;
        };
      }
    };
  }

  /**
   * Steps 4, 5 and 7 for a chain that was handed over for onward use, for whatever service it is.
   * Cached as the chains of requests are: the same one comes with many calls.
   *
   * @param contract value of {@code Capability-Contract} as it will be
   * @param identities value of {@code Capability-Identity} as it will be
   */
  public ChainResult onward(
      String contract, String identities, Revocations revocations, Moment now) {
    ChainResult result = read(contract, identities, now);
    return result instanceof ChainResult.Verified verified
        ? Admission.check(verified.chain(), Set.of(verified.chain().root().aud()), revocations, now)
        : result;
  }

  /**
   * Steps 4 to 7 for a chain without a request, as on a command line.
   *
   * @param contract value of {@code Capability-Contract}
   * @param identities value of {@code Capability-Identity}, null when absent
   * @param services that the chain may be for
   */
  public ChainResult chain(
      String contract,
      @Nullable String identities,
      Set<String> services,
      Revocations revocations,
      Moment now) {
    ChainResult result = new ChainReader(ed25519, trusted.bundle).read(contract, identities);
    return result instanceof ChainResult.Verified verified
        ? Admission.check(verified.chain(), services, revocations, now)
        : result;
  }
}
