package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.Digests;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Limits;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What strangers and holders can make a gate keep or compute: each bound, and that it holds. */
class BoundsTest {
  private static final Revocations NONE = new Revocations.Unconfigured();

  private final AtomicInteger checks = new AtomicInteger();
  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();
  private final Challenges challenges = new Challenges(new SecureRandom(), World.MOMENT, 1_024);
  private final Verifier verifier = new Verifier(new Counting(), challenges, 1 << 20);
  private String contract = "";
  private String nonce = "";

  /** Counts signature checks. */
  private final class Counting implements Ed25519 {
    @Override
    public boolean verify(PublicKey key, byte[] message, byte[] signature) {
      checks.incrementAndGet();
      return Ed25519.bouncyCastle().verify(key, message, signature);
    }

    @Override
    public String provider() {
      return "counting";
    }
  }

  @BeforeEach
  void aHolder() throws Exception {
    verifier.trust(world.trust());
    contract =
        world
            .root(
                holder.publicKey(),
                4,
                List.of(World.workload("w")),
                List.of(World.rule(World.REPORT)),
                Limits.NONE)
            .sign(world.issuer);
    nonce = challenges.mint(holder.publicKey().thumbprint(), World.MOMENT) + ".1";
  }

  private RequestHead request(String chain, String proof, Field... more) {
    return World.request(holder, chain, "GET", "/v1/reports", new byte[0], proof, more);
  }

  private ErrorCode refused(RequestHead head) {
    return ((Refusal) verifier.head(head, World.LISTENER, NONE, World.MOMENT)).code();
  }

  @Test
  void whatStepsOneToThreeRefuseCostsNoSignatureCheck() throws Exception {
    RequestHead good = request(contract, nonce);
    String own = nonce.substring(0, nonce.length() - 2);
    PrivateKey other = PrivateKey.generate();
    String others = challenges.mint(other.publicKey().thumbprint(), World.MOMENT);

    assertThat(refused(new RequestHead("GET", "/", List.of())))
        .isEqualTo(ErrorCode.MISSING_CONTRACT);
    assertThat(refused(request("x".repeat(12 * 1024 + 1), nonce)))
        .isEqualTo(ErrorCode.CONTRACT_TOO_LARGE);
    assertThat(refused(new RequestHead("GET", "/v1/reports/..", good.fields())))
        .isEqualTo(ErrorCode.MALFORMED);
    assertThat(refused(request(contract + ", " + contract, nonce))).isEqualTo(ErrorCode.MALFORMED);
    assertThat(refused(request(contract, own))).isEqualTo(ErrorCode.INVALID_PROOF);
    for (String bad :
        List.of(
            own + ".0",
            own + ".4097",
            own + ".01",
            others + ".1",
            own.substring(0, 54) + (own.endsWith("A") ? "E" : "A") + ".1",
            "A".repeat(55) + ".1")) {
      assertThat(refused(request(contract, bad))).as(bad).isEqualTo(ErrorCode.USE_NONCE);
    }
    assertThat(checks).hasValue(0);
  }

  @Test
  void moreThanFiveBlocksAndAChainThatDoesNotParseCostNoSignatureCheck() throws Exception {
    String delegation =
        world
            .delegation(
                holder.publicKey(),
                contract,
                "w",
                holder.publicKey(),
                1,
                4,
                List.of(),
                List.of("report"))
            .sign(holder);
    String identity = world.identity("w", holder.publicKey());
    String six = contract + (", " + delegation).repeat(5);
    String identities = identity + (", " + identity).repeat(4);

    assertThat(refused(request(six, nonce, new Field("Capability-Identity", identities))))
        .isEqualTo(ErrorCode.DELEGATION_VIOLATION);
    assertThat(
            refused(
                request("x.y.z, " + delegation, nonce, new Field("Capability-Identity", identity))))
        .isEqualTo(ErrorCode.INVALID_CONTRACT);
    assertThat(refused(request("x.y.z", nonce))).isEqualTo(ErrorCode.INVALID_CONTRACT);
    assertThat(checks).hasValue(0);
  }

  @Test
  void aBadFirstSignatureCostsOneCheckHoweverLongTheChain() throws Exception {
    String forged =
        new World()
            .root(
                holder.publicKey(),
                4,
                List.of(World.workload("w")),
                List.of(World.rule(World.REPORT)),
                Limits.NONE)
            .sign(PrivateKey.generate());
    String kid = contract.substring(0, contract.indexOf('.'));
    String root = kid + forged.substring(forged.indexOf('.'));
    String delegation =
        world
            .delegation(
                holder.publicKey(),
                root,
                "w",
                holder.publicKey(),
                1,
                4,
                List.of(),
                List.of("report"))
            .sign(holder);
    String chain = root + (", " + delegation).repeat(4);
    String identity = world.identity("w", holder.publicKey());
    String identities = identity + (", " + identity).repeat(3);

    assertThat(refused(request(chain, nonce, new Field("Capability-Identity", identities))))
        .isEqualTo(ErrorCode.INVALID_CONTRACT);
    assertThat(checks).hasValue(1);
  }

  /** 10^5 with {@code -Dwrit.fuzz=100000}. */
  @Test
  void invalidChainsLeaveNothingBehind() throws Exception {
    int chains = Seeds.inputs(5_000);
    String[] parts = contract.split("\\.", -1);
    for (int i = 0; i < chains; i++) {
      byte[] signature = Digests.sha256("signature " + i);
      String forged = parts[0] + "." + parts[1] + "." + Base64Url.encode(twice(signature));
      assertThat(refused(request(forged, nonce))).isEqualTo(ErrorCode.INVALID_CONTRACT);
    }
    assertThat(checks).hasValueLessThanOrEqualTo(chains);
    assertThat(verifier.cachedChains()).isZero();
    assertThat(challenges.windows()).isZero();
  }

  private static byte[] twice(byte[] half) {
    byte[] all = new byte[64];
    System.arraycopy(half, 0, all, 0, 32);
    // S below the group order, so that the provider is asked.
    System.arraycopy(half, 0, all, 32, 31);
    return all;
  }

  @Test
  void aHundredThousandValidChainsStayWithinTheCachesBytes() {
    assertThat(verifier.head(request(contract, nonce), World.LISTENER, NONE, World.MOMENT))
        .isInstanceOf(Proven.class);
    Chain chain =
        ((ChainResult.Verified)
                verifier.chain(contract, null, World.LISTENER.services(), NONE, World.MOMENT))
            .chain();
    ChainCache cache = new ChainCache(4 << 20);
    for (int i = 0; i < 100_000; i++) {
      cache.put(ChainCache.Key.of("contract " + i, null), chain, 1_000, World.MOMENT);
      assertThat(cache.count()).isLessThanOrEqualTo((4 << 20) / 1_000);
    }
    assertThat(cache.get(ChainCache.Key.of("contract 99999", null), World.MOMENT)).isNotNull();
    assertThat(cache.get(ChainCache.Key.of("contract 0", null), World.MOMENT)).isNull();
  }
}
