package dev.writ.contract.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.World;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is signed here is read here, and nothing else. */
class DocumentsTest {
  private final World world = new World();
  private final PrivateKey holder = PrivateKey.generate();
  private final Ed25519 ed25519 = Ed25519.bouncyCastle();

  @Test
  void rootContractsReadBack() throws Exception {
    Rule rule =
        World.rule(
            "{\"action\":\"t\",\"http\":{\"methods\":[\"GET\"],\"paths\":[{\"type\":\"Exact\",\"value\":\"/\"}],\"upgrade\":\"websocket\"},"
                + "\"arguments\":[{\"query\":\"q\",\"values\":[1.5,\"x\"],\"minimum\":1,\"maximum\":2.50,\"pattern\":\"a+\",\"maxLength\":3,\"required\":false}]}");
    Limits limits = new Limits(5L, new Limits.Rate(1, 60), 3);
    RootContract root =
        new RootContract(
            World.ISS,
            World.workload("a"),
            World.AUD,
            10,
            5,
            20,
            World.uuid(),
            World.uuid(),
            3,
            holder.publicKey(),
            2,
            List.of(World.workload("b")),
            List.of("t"),
            List.of(rule),
            limits,
            false,
            true,
            true);

    assertThat(RootContract.parse(root.sign(world.issuer), world.trust(), ed25519)).isEqualTo(root);
    assertThatThrownBy(() -> RootContract.parse(root.sign(holder), world.trust(), ed25519))
        .hasMessageContaining("unknown kid");
  }

  @Test
  void theOtherDocumentsReadBack() throws Exception {
    String parent =
        world
            .root(
                holder.publicKey(),
                1,
                List.of(World.workload("b")),
                List.of(World.rule(World.REPORT)),
                Limits.NONE)
            .sign(world.issuer);
    Delegation delegation =
        world.delegation(
            holder.publicKey(),
            parent,
            "b",
            PrivateKey.generate().publicKey(),
            1,
            1,
            List.of(),
            List.of("report"));
    RevocationList list =
        new RevocationList(
            World.ISS,
            5,
            65,
            7,
            Set.of(World.uuid()),
            Set.of(),
            Set.of(holder.publicKey().thumbprint()),
            Map.of(World.uuid(), 3L));

    assertThat(Delegation.parse(delegation.sign(holder), holder.publicKey(), ed25519))
        .isEqualTo(delegation);
    assertThat(RevocationList.parse(list.sign(world.issuer), world.trust(), ed25519))
        .isEqualTo(list);
    assertThat(
            IdentityCredential.parse(
                    world.identity("b", holder.publicKey()), world.trust(), ed25519)
                .sub())
        .isEqualTo(World.workload("b"));
    assertThat(TrustBundle.parse(world.trust().toJson()).keys())
        .containsExactly(world.issuer.publicKey());
    assertThatThrownBy(() -> TrustBundle.parse("{\"keys\":[{\"kty\":\"OKP\"}]}"))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> RootContract.parse(delegation.sign(holder), world.trust(), ed25519))
        .hasMessageContaining("delegation");
  }

  @Test
  void theSameListMayBeTakenAgainAndAnOlderMayNot() {
    RevocationList list = list(100, 7, Set.of());

    assertThat(list.maySucceed(null, -1, 100)).isTrue();
    assertThat(list.maySucceed(null, 7, 100)).isTrue();
    assertThat(list.maySucceed(list, 7, 100)).isTrue();
    assertThat(list(101, 7, Set.of()).maySucceed(list, 7, 100)).isTrue();
    assertThat(list(99, 7, Set.of()).maySucceed(list, 7, 100)).isFalse();
    assertThat(list(101, 7, Set.of(World.uuid())).maySucceed(list, 7, 100)).isFalse();
    assertThat(list(101, 6, Set.of()).maySucceed(list, 7, 100)).isFalse();
    assertThat(list(130, 8, Set.of()).maySucceed(list, 7, 100)).isTrue();
    assertThat(list(131, 8, Set.of()).maySucceed(list, 7, 100)).isFalse();
  }

  private static RevocationList list(long iat, long seq, Set<String> cids) {
    return new RevocationList(World.ISS, iat, iat + 60, seq, cids, Set.of(), Set.of(), Map.of());
  }
}
