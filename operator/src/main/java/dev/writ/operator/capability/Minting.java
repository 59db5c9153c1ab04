package dev.writ.operator.capability;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.key.Signer;

/** Turns terms into contracts. (protocol.md, Root contract) */
public final class Minting {
  /** Longest life of a contract, seconds; what a revocation must outlast. */
  public static final long CONTRACT_SECONDS = 900;

  /** Verifiers give no leeway, so contracts begin a little before they are minted. Seconds. */
  private static final long BACKDATE_SECONDS = 30;

  private static final long SAMPLE_TIME = 9_999_999_000L;

  private Minting() {}

  /**
   * A contract for one holder. The terms must be {@link Terms#validAt valid} now.
   *
   * @param jti a fresh lower-case UUID
   * @param now epoch seconds
   */
  public static RootContract mint(Terms terms, PublicKey holder, String jti, long now) {
    if (!terms.validAt(now)) {
      throw new IllegalArgumentException("the terms are not valid at " + now);
    }
    return contract(
        terms,
        holder,
        jti,
        now,
        Math.max(terms.notBefore().orElse(Long.MIN_VALUE), now - BACKDATE_SECONDS),
        Math.min(now + CONTRACT_SECONDS, terms.notAfter().orElse(Long.MAX_VALUE)));
  }

  /** How long a contract of these terms is at most, in bytes. */
  static int size(Terms terms) {
    String jti = "00000000-0000-0000-0000-000000000000";
    return contract(
            terms, Sizing.KEY, jti, SAMPLE_TIME, SAMPLE_TIME, SAMPLE_TIME + CONTRACT_SECONDS)
        .sign(new Sizing())
        .length();
  }

  private static RootContract contract(
      Terms terms, PublicKey holder, String jti, long iat, long nbf, long exp) {
    return new RootContract(
        SpiffeId.issuer(terms.source().trustDomain()),
        terms.source().toString(),
        terms.target().toString(),
        iat,
        nbf,
        exp,
        jti,
        terms.subject().cid(),
        terms.subject().generation(),
        holder,
        terms.delegation().maxDepth(),
        terms.delegation().to().stream().map(SpiffeId::toString).toList(),
        terms.actions(),
        terms.rules(),
        terms.limits(),
        terms.base(),
        terms.auditSync(),
        terms.terminateOnExpiry());
  }

  /** Signs nothing: only the length of what it returns is looked at. */
  private static final class Sizing implements Signer {
    private static final PublicKey KEY = key();

    private static PublicKey key() {
      try {
        return PublicKey.unchecked(new byte[PublicKey.LENGTH]);
      } catch (MalformedException e) {
        throw new IllegalStateException("a key of the right length is a key", e);
      }
    }

    @Override
    public PublicKey publicKey() {
      return KEY;
    }

    @Override
    public byte[] sign(byte[] message) {
      return new byte[64];
    }
  }
}
