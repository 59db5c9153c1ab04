package dev.writ.contract.verify;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.SignedBlock;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Step 4 of protocol.md, section 4: parse, signatures, identities, links, in this order. */
final class ChainReader {
  private static final int MAX_BLOCKS = 5;

  private final Ed25519 ed25519;
  private final TrustBundle trust;

  ChainReader(Ed25519 ed25519, TrustBundle trust) {
    this.ed25519 = ed25519;
    this.trust = trust;
  }

  ChainResult read(String contract, @Nullable String identities) {
    try {
      List<SignedBlock> signed = new ArrayList<>();
      for (String jws : contract.split(", ", -1)) {
        signed.add(SignedBlock.read(jws));
      }
      shape(signed);
      if (signed.size() > MAX_BLOCKS) {
        return new ChainResult.Rejected(
            ErrorCode.DELEGATION_VIOLATION, "more than " + MAX_BLOCKS + " blocks", null);
      }
      signatures(signed);
      List<Block> blocks = signed.stream().map(SignedBlock::block).toList();
      List<String> hashes =
          signed.subList(0, signed.size() - 1).stream().map(SignedBlock::hash).toList();
      List<IdentityCredential> proved = identities(blocks, identities);
      Chain chain = new Chain(blocks, proved, hashes);
      String violation = Links.violation(blocks, hashes);
      return violation == null
          ? new ChainResult.Verified(chain)
          : new ChainResult.Rejected(ErrorCode.DELEGATION_VIOLATION, violation, chain);
    } catch (MalformedException e) {
      return new ChainResult.Rejected(
          ErrorCode.INVALID_CONTRACT, String.valueOf(e.getMessage()), null);
    }
  }

  /** One root, first; then delegations; one trust domain. */
  private static void shape(List<SignedBlock> signed) throws MalformedException {
    String domain = null;
    for (SignedBlock item : signed) {
      Block block = item.block();
      if (block instanceof RootContract root) {
        if (domain != null) {
          throw new MalformedException("chain: a root contract that is not the first block");
        }
        domain = SpiffeId.issuerTrustDomain(root.iss());
      } else if (domain == null) {
        throw new MalformedException("chain: the first block is not a root contract");
      } else if (!SpiffeId.parse(block.sub()).trustDomain().equals(domain)
          || !SpiffeId.parse(block.aud()).trustDomain().equals(domain)) {
        throw new MalformedException("chain: more than one trust domain");
      }
    }
  }

  private void signatures(List<SignedBlock> signed) throws MalformedException {
    signed.get(0).verify(trust, ed25519);
    for (int i = 1; i < signed.size(); i++) {
      signed.get(i).verify(signed.get(i - 1).block().holder(), ed25519);
    }
  }

  /**
   * One per delegation, in order, for its subject and its key: a delegator cannot invent a name.
   */
  private List<IdentityCredential> identities(List<Block> blocks, @Nullable String identities)
      throws MalformedException {
    List<String> given = identities == null ? List.of() : List.of(identities.split(", ", -1));
    if (given.size() != blocks.size() - 1) {
      throw new MalformedException("chain: not one identity per delegation");
    }
    List<IdentityCredential> proved = new ArrayList<>();
    for (int i = 1; i < blocks.size(); i++) {
      IdentityCredential identity = IdentityCredential.parse(given.get(i - 1), trust, ed25519);
      Delegation delegation = (Delegation) blocks.get(i);
      if (!identity.iss().equals(blocks.get(0).iss())
          || !identity.sub().equals(delegation.sub())
          || !identity.holder().equals(delegation.holder())) {
        throw new MalformedException("chain: identity of another key or workload");
      }
      proved.add(identity);
    }
    return proved;
  }
}
