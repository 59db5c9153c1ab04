package dev.writ.sidecar.outbound;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.client.Delegator;
import dev.writ.contract.client.Delegator.Delegated;
import dev.writ.contract.client.Delegator.Parent;
import dev.writ.contract.client.Delegator.Stamp;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.key.Signer;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.OnwardChains;
import dev.writ.contract.verify.OnwardChains.Onward;
import dev.writ.sidecar.work.HeldChain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mints what is handed to callees with calls. A delegation is used again for a minute, so that the
 * callee's gate verifies it once; its cid stays the same for one parent and one workload as long as
 * this process lives, so that counts and revocations of it hold. Bounded. Thread-safe.
 */
final class Delegations {
  private static final Logger LOG = LoggerFactory.getLogger(Delegations.class);

  /** How long a delegation lives that is handed over with a call. */
  static final long SECONDS = 300;

  /** How long it is handed over: the callee has the rest of its life to use it. */
  private static final long REUSE_SECONDS = 60;

  private static final int MAX_MINTED = 1_024;
  private static final int MAX_CIDS = 8_192;
  private static final int MAX_CHAINS = 16;

  /** Of each of the two headers. (protocol.md, section 2) */
  private static final int MAX_HEADER = 12 * 1024;

  private static final int SEPARATOR = 3;

  private final Signer signer;
  private final HelperMeters meters;
  private final Map<Pair, Minted> minted = bounded(MAX_MINTED);
  private final Map<Pair, String> cids = bounded(MAX_CIDS);

  private record Pair(String parent, String delegate) {}

  private record Minted(String contract, long since, long until) {}

  Delegations(Signer signer, HelperMeters meters) {
    this.signer = signer;
    this.meters = meters;
  }

  private static <T> Map<Pair, T> bounded(int size) {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Pair, T> eldest) {
        return size() > size;
      }
    };
  }

  /**
   * The fields that hand all of this to the callee, as far as its workload may have it and they
   * have room for it; none when there is nothing to hand over.
   *
   * @param delegate credential of the replica that is called, verified; null when it has none
   * @param now epoch seconds
   */
  List<Field> fields(List<HeldChain> chains, @Nullable IdentityCredential delegate, long now) {
    if (delegate == null || now < delegate.nbf() || now >= delegate.exp()) {
      return List.of();
    }
    List<Onward> onward = new ArrayList<>();
    int contracts = -SEPARATOR;
    int identities = -SEPARATOR;
    for (HeldChain chain : chains) {
      if (Delegator.obstacle(chain.blocks(), delegate.sub()) != null) {
        continue;
      }
      Onward one = mint(chain, delegate, now);
      if (one == null) {
        continue;
      }
      String proofs = one.identities();
      int longer = contracts + SEPARATOR + one.contract().length();
      int proofsLonger = proofs == null ? identities : identities + SEPARATOR + proofs.length();
      if (longer > MAX_HEADER || proofsLonger > MAX_HEADER || onward.size() == MAX_CHAINS) {
        meters.delegationLeftOut();
        continue;
      }
      contracts = longer;
      identities = proofsLonger;
      onward.add(one);
      meters.delegationHandedOver();
    }
    return onward.isEmpty() ? List.of() : fields(OnwardChains.join(onward));
  }

  private static List<Field> fields(List<@Nullable String> values) {
    List<Field> fields = new ArrayList<>();
    String contracts = values.get(0);
    String identities = values.get(1);
    if (contracts != null) {
      fields.add(new Field(Names.HEADER_DELEGATION, contracts));
    }
    if (identities != null) {
      fields.add(new Field(Names.HEADER_DELEGATION_IDENTITY, identities));
    }
    return fields;
  }

  private synchronized @Nullable Onward mint(
      HeldChain chain, IdentityCredential delegate, long now) {
    Pair pair = new Pair(chain.contract(), delegate.holder().thumbprint());
    Minted known = minted.get(pair);
    if (known == null || now - known.since >= REUSE_SECONDS || now < known.since) {
      try {
        Delegated fresh = delegate(chain, delegate, Attenuation.NONE, SECONDS, now);
        known = new Minted(fresh.contract(), now, fresh.block().exp());
        minted.put(pair, known);
      } catch (MalformedException e) {
        LOG.atDebug().addKeyValue("cause", e.getMessage()).log("Couldn't delegate a contract");
        return null;
      }
    }
    return now < known.until ? new Onward(known.contract, chain.identities()) : null;
  }

  /**
   * Signs one delegation.
   *
   * @param delegate verified
   * @throws MalformedException with a sentence for the app's developer when it cannot be
   */
  Delegated delegate(
      HeldChain chain, IdentityCredential delegate, Attenuation attenuation, long seconds, long now)
      throws MalformedException {
    boolean plain = attenuation.equals(Attenuation.NONE);
    String cid = plain ? cid(chain, delegate) : fresh();
    return Delegator.sign(
        new Parent(chain.contract(), chain.blocks()),
        signer,
        delegate,
        attenuation,
        new Stamp(cid, fresh(), now, seconds));
  }

  private synchronized String cid(HeldChain chain, IdentityCredential delegate) {
    return cids.computeIfAbsent(new Pair(chain.path(), delegate.sub()), _ -> fresh());
  }

  private static String fresh() {
    return UUID.randomUUID().toString();
  }

  /** For tests of the bound. */
  synchronized int size() {
    return minted.size() + cids.size();
  }
}
