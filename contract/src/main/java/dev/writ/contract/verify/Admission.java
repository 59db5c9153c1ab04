package dev.writ.contract.verify;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.IdentityCredential;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Steps 5 to 7 of protocol.md, section 4: what is asked again of a cached chain on every call. */
final class Admission {
  private Admission() {}

  static ChainResult check(Chain chain, Set<String> services, Revocations revocations, Moment now) {
    ErrorCode code = time(chain, now.epochSeconds());
    if (code == null && !services.contains(chain.root().aud())) {
      code = ErrorCode.WRONG_AUDIENCE;
    }
    if (code == null) {
      code = revocation(chain, revocations, now);
    }
    return code == null
        ? new ChainResult.Verified(chain)
        : new ChainResult.Rejected(code, code.code(), chain);
  }

  private static @Nullable ErrorCode time(Chain chain, long now) {
    for (Block block : chain.blocks()) {
      if (now >= block.exp()) {
        return ErrorCode.EXPIRED;
      }
      if (now < block.nbf()) {
        return ErrorCode.NOT_YET_VALID;
      }
    }
    for (IdentityCredential identity : chain.identities()) {
      if (now >= identity.exp()) {
        return ErrorCode.EXPIRED;
      }
      if (now < identity.nbf()) {
        return ErrorCode.NOT_YET_VALID;
      }
    }
    return null;
  }

  private static @Nullable ErrorCode revocation(Chain chain, Revocations revocations, Moment now) {
    return switch (revocations) {
      case Revocations.Unconfigured none -> null;
      case Revocations.None none -> ErrorCode.REVOCATION_STALE;
      case Revocations.Current current -> {
        if (!current.isFresh(now)) {
          yield ErrorCode.REVOCATION_STALE;
        }
        boolean dead = chain.blocks().stream().anyMatch(current.list()::revokes);
        yield dead ? ErrorCode.REVOKED : null;
      }
    };
  }
}
