package dev.writ.contract.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.writ.contract.Base64Url;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The steps in their order, on requests signed here. */
class VerifierTest {
  private static final byte[] BODY = World.utf8("{\"amount\":10}");
  private static final Revocations NONE = new Revocations.Unconfigured();

  /** Counts signature checks. */
  private static final class Counting implements Ed25519 {
    private final AtomicInteger checks = new AtomicInteger();

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

  private final World world = new World();
  private final PrivateKey alice = PrivateKey.generate();
  private final Challenges challenges = new Challenges(new SecureRandom(), World.MOMENT, 1_024);
  private final Counting ed25519 = new Counting();
  private final Verifier verifier = new Verifier(ed25519, challenges, 1 << 20);
  private String contract = "";

  @BeforeEach
  void aliceHoldsAContract() {
    verifier.trust(world.trust());
    contract =
        world
            .root(
                alice.publicKey(),
                4,
                List.of(
                    World.workload("w1"),
                    World.workload("w2"),
                    World.workload("w3"),
                    World.workload("w4")),
                List.of(World.rule(World.TRANSFER), World.rule(World.REPORT)),
                Limits.NONE)
            .sign(world.issuer);
  }

  private String nonce(PrivateKey holder, int seq) throws Exception {
    return challenges.mint(holder.publicKey().thumbprint(), World.MOMENT) + "." + seq;
  }

  private HeadResult head(RequestHead head) {
    return verifier.head(head, World.LISTENER, NONE, World.MOMENT);
  }

  private Granted granted(RequestHead head) {
    return (Granted) verifier.body((Proven) head(head), BODY);
  }

  @Test
  void aSignedRequestIsGrantedOnce() throws Exception {
    // Given
    RequestHead request =
        World.request(alice, contract, "POST", "/v1/transfers", BODY, nonce(alice, 1));

    // When
    Granted granted = granted(request);
    Granted copy = granted(request);

    // Then
    assertThat(granted.action()).isEqualTo("transfer");
    assertThat(granted.counted()).isTrue();
    assertThat(granted.seq()).isEqualTo(1);
    assertThat(granted.chain().subject()).isEqualTo(World.workload("agent-a"));
    assertThat(verifier.spend(granted, World.MOMENT)).isNull();
    Refusal replay = verifier.spend(copy, World.MOMENT);
    assertThat(replay).isNotNull();
    assertThat(replay.code()).isEqualTo(ErrorCode.REPLAYED);
  }

  @Test
  void aCachedChainCostsOneSignatureCheck() throws Exception {
    head(World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce(alice, 1)));
    ed25519.checks.set(0);

    HeadResult result =
        head(World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce(alice, 1)));

    assertThat(result).isInstanceOf(Proven.class);
    assertThat(ed25519.checks).hasValue(1);
  }

  @Test
  void aLongChainWithABadNonceCostsNoSignatureCheck() throws Exception {
    Chained chained = chain(4);
    String foreign =
        new Challenges(new SecureRandom(), World.MOMENT, 64)
            .mint(chained.holder.publicKey().thumbprint(), World.MOMENT);
    RequestHead request =
        World.request(
            chained.holder,
            chained.contract,
            "GET",
            "/v1/reports",
            new byte[0],
            foreign + ".1",
            new Field("Capability-Identity", chained.identities));

    Refusal refusal = (Refusal) head(request);

    assertThat(refusal.code()).isEqualTo(ErrorCode.USE_NONCE);
    assertThat(refusal.challengeFor()).isEqualTo(chained.holder.publicKey().thumbprint());
    assertThat(refusal.chain()).isNull();
    assertThat(ed25519.checks).hasValue(0);
  }

  @Test
  void aChainOfFiveIsGrantedAndNamesItsPath() throws Exception {
    Chained chained = chain(4);
    RequestHead request =
        World.request(
            chained.holder,
            chained.contract,
            "GET",
            "/v1/reports",
            new byte[0],
            nonce(chained.holder, 1),
            new Field("Capability-Identity", chained.identities));

    Proven proven = (Proven) head(request);

    assertThat(proven.chain().blocks()).hasSize(5);
    assertThat(proven.chain().subjects())
        .containsExactly(
            World.workload("agent-a"),
            World.workload("w1"),
            World.workload("w2"),
            World.workload("w3"),
            World.workload("w4"));
    assertThat(proven.chain().countPath().split("/", -1)).hasSize(5);
    assertThat(ed25519.checks).hasValue(5 + 4 + 1);
  }

  @Test
  void aNewTrustBundleForgetsVerifiedChains() throws Exception {
    head(World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce(alice, 1)));

    verifier.trust(TrustBundle.of(List.of(PrivateKey.generate().publicKey())));

    Refusal refusal =
        (Refusal)
            head(
                World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce(alice, 1)));
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_CONTRACT);
  }

  @Test
  void aCachedChainExpiresAllTheSame() throws Exception {
    RequestHead request =
        World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce(alice, 1));
    head(request);

    // Both clocks went on: it is the same boot, and the challenge is asked for anew.
    Moment later = new Moment(World.NOW + 900, World.MOMENT.monotonicMillis() + 900_000);
    String nonce = challenges.mint(alice.publicKey().thumbprint(), later) + ".1";
    RequestHead again = World.request(alice, contract, "GET", "/v1/reports", new byte[0], nonce);
    Refusal refusal = (Refusal) verifier.head(again, World.LISTENER, NONE, later);

    assertThat(refusal.code()).isEqualTo(ErrorCode.EXPIRED);
    assertThat(refusal.chain()).isNotNull();
  }

  @Test
  void framingIsAskedForWithoutAContract() {
    Field host = new Field("Host", "b");

    assertThat(Verifier.framing(new RequestHead("GET", "/a", List.of(host)))).isNull();
    for (RequestHead bad :
        List.of(
            new RequestHead("GET", "/a/..", List.of(host)),
            new RequestHead("GET", "/a", List.of()),
            new RequestHead("GET", "/a", List.of(host, host)),
            new RequestHead("GET", "/a", List.of(host, new Field("Connection", "x-a"))),
            new RequestHead("GET", "/a", List.of(host, new Field("Upgrade", "websocket"))),
            new RequestHead(
                "GET",
                "/a",
                List.of(
                    host,
                    new Field("Content-Length", "1"),
                    new Field("Transfer-Encoding", "chunked"))))) {
      assertThat(Verifier.framing(bad)).as(bad.toString()).isNotNull();
    }
  }

  /**
   * Strangers can mint keys and get challenges: nothing that they send may be compiled before its
   * signature.
   */
  @Test
  void aPatternIsCompiledOnlyAfterItsSignature() throws Exception {
    String pattern = "(?=not RE2)";
    String payload =
        new String(Base64Url.decode(contract.split("\\.", -1)[1]), StandardCharsets.UTF_8)
            .replace("\"maximum\":500", "\"pattern\":\"" + pattern + "\"");
    String unsigned =
        contract.split("\\.", -1)[0]
            + "."
            + Base64Url.encode(World.utf8(payload))
            + "."
            + contract.split("\\.", -1)[2];

    Refusal refusal =
        (Refusal)
            head(
                World.request(alice, unsigned, "GET", "/v1/reports", new byte[0], nonce(alice, 1)));

    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_CONTRACT);
    assertThat(refusal.reason()).contains("signature");
  }

  private record Chained(String contract, String identities, PrivateKey holder) {}

  private Chained chain(int delegations) throws Exception {
    List<String> blocks = new ArrayList<>(List.of(contract));
    List<String> identities = new ArrayList<>();
    PrivateKey parent = alice;
    List<String> to =
        List.of(
            World.workload("w1"), World.workload("w2"), World.workload("w3"), World.workload("w4"));
    for (int i = 1; i <= delegations; i++) {
      PrivateKey child = PrivateKey.generate();
      blocks.add(
          world
              .delegation(
                  parent.publicKey(),
                  blocks.get(i - 1),
                  "w" + i,
                  child.publicKey(),
                  i,
                  4,
                  to,
                  List.of("report"))
              .sign(parent));
      identities.add(world.identity("w" + i, child.publicKey()));
      parent = child;
    }
    return new Chained(String.join(", ", blocks), String.join(", ", identities), parent);
  }
}
