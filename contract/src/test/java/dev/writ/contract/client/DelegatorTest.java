package dev.writ.contract.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.MalformedException;
import dev.writ.contract.client.Delegator.Delegated;
import dev.writ.contract.client.Delegator.Parent;
import dev.writ.contract.client.Delegator.Stamp;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Members;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.json.StrictJson;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.ChainResult;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import dev.writ.contract.verify.World;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is signed, a gate accepts; what a gate would refuse is not signed. */
class DelegatorTest {
  private final World world = new World();
  private final PrivateKey a = PrivateKey.generate();
  private final PrivateKey b = PrivateKey.generate();
  private final PrivateKey c = PrivateKey.generate();

  private Parent root(long maxDepth, String... to) {
    List<String> names = List.of(to).stream().map(World::workload).toList();
    RootContract root =
        world.root(
            a.publicKey(),
            maxDepth,
            names,
            List.of(World.rule(World.TRANSFER), World.rule(World.REPORT)),
            new Limits(100L, null, null));
    return new Parent(root.sign(world.issuer), List.of(root));
  }

  private IdentityCredential credential(String sub, PrivateKey holder) throws Exception {
    return IdentityCredential.unverified(world.identity(sub, holder.publicKey()));
  }

  private static Stamp stamp(long seconds) {
    return new Stamp(World.uuid(), World.uuid(), World.NOW, seconds);
  }

  private Delegated delegate(Parent parent, Attenuation attenuation) throws Exception {
    return Delegator.sign(parent, a, credential("agent-b", b), attenuation, stamp(300));
  }

  private static Parent parent(Parent of, Delegated delegated) {
    var blocks = new ArrayList<>(of.blocks());
    blocks.add(delegated.block());
    return new Parent(delegated.contract(), blocks);
  }

  private ChainResult verify(String contract, String identities) {
    Verifier verifier =
        new Verifier(
            Ed25519.bouncyCastle(), new Challenges(new SecureRandom(), World.MOMENT, 16), 1 << 20);
    verifier.trust(world.trust());
    return verifier.chain(
        contract, identities, Set.of(World.AUD), new Revocations.Unconfigured(), World.MOMENT);
  }

  @Test
  void aGateAcceptsWhatIsSignedAlsoTwice() throws Exception {
    // Given
    Parent root = root(2, "agent-b", "agent-c");
    Parent once = parent(root, delegate(root, Attenuation.NONE));

    // When
    Delegated twice =
        Delegator.sign(once, b, credential("agent-c", c), Attenuation.NONE, stamp(60));

    // Then
    String identities =
        world.identity("agent-b", b.publicKey()) + ", " + world.identity("agent-c", c.publicKey());
    assertThat(verify(twice.contract(), identities))
        .isInstanceOfSatisfying(
            ChainResult.Verified.class,
            yes ->
                assertThat(yes.chain().subjects())
                    .containsExactly(
                        World.workload("agent-a"),
                        World.workload("agent-b"),
                        World.workload("agent-c")));
    assertThat(twice.block().exp()).isEqualTo(World.NOW + 60);
    assertThat(twice.block().maxDepth()).isEqualTo(2);
  }

  @Test
  void itNeverOutlivesParentOrCredentialNorAQuarterOfAnHour() throws Exception {
    Delegated delegated =
        Delegator.sign(
            root(1, "agent-b"),
            a,
            credential("agent-b", b),
            Attenuation.NONE,
            new Stamp(World.uuid(), World.uuid(), World.NOW + 600, 86_400));

    assertThat(delegated.block().exp()).isEqualTo(World.NOW + 900);
  }

  @Test
  void narrowerIsSignedAsItIsAskedFor() throws Exception {
    Attenuation narrow =
        Attenuation.read(
            Members.of(
                "request",
                StrictJson.document(
                    World.utf8(
                        "{\"actions\":[\"transfer\"],\"arguments\":{\"transfer\":[{\"pointer\":\"/amount\",\"maximum\":5}]},"
                            + "\"limits\":{\"calls\":3},\"del_max_depth\":1,\"del_to\":[]}"))));

    Delegated delegated = delegate(root(3, "agent-b", "agent-c"), narrow);

    assertThat(delegated.block().actions()).containsExactly("transfer");
    assertThat(delegated.block().limits().calls()).isEqualTo(3);
    assertThat(delegated.block().delegateTo()).isEmpty();
    assertThat(verify(delegated.contract(), world.identity("agent-b", b.publicKey())))
        .isInstanceOf(ChainResult.Verified.class);
  }

  @Test
  void whatAGateWouldRefuseIsNotSigned() throws Exception {
    Parent root = root(1, "agent-b");
    assertRefused("at all", () -> delegate(root(0), Attenuation.NONE));
    assertRefused("agent-x alone", () -> delegate(root(1, "agent-x"), Attenuation.NONE));
    assertRefused(
        "deeper than 1",
        () ->
            Delegator.sign(
                parent(root, delegate(root, Attenuation.NONE)),
                b,
                credential("agent-c", c),
                Attenuation.NONE,
                stamp(60)));
    Parent loop = root(2, "agent-a", "agent-b");
    assertRefused(
        "stands in the chain already",
        () -> Delegator.sign(loop, a, credential("agent-a", c), Attenuation.NONE, stamp(60)));
    assertRefused(
        "another key",
        () -> Delegator.sign(root, b, credential("agent-b", b), Attenuation.NONE, stamp(60)));
    assertRefused("actions widen", () -> delegate(root, narrowing("purge", 1, 5L, "agent-b")));
    assertRefused("calls", () -> delegate(root, narrowing("transfer", 1, 101L, "agent-b")));
    assertRefused(
        "del_max_depth rises", () -> delegate(root, narrowing("transfer", 2, 5L, "agent-b")));
    assertRefused("del_to widens", () -> delegate(root, narrowing("transfer", 1, 5L, "agent-c")));
    assertRefused(
        "not valid now",
        () ->
            Delegator.sign(
                root,
                a,
                credential("agent-b", b),
                Attenuation.NONE,
                new Stamp(World.uuid(), World.uuid(), World.NOW + 900, 60)));
  }

  private static Attenuation narrowing(String action, long depth, Long calls, String to) {
    return new Attenuation(
        Optional.of(List.of(action)),
        java.util.Map.of(),
        new Limits(calls, null, null),
        OptionalLong.of(depth),
        Optional.of(List.of(World.workload(to))));
  }

  private static void assertRefused(
      String why, org.assertj.core.api.ThrowableAssert.ThrowingCallable signing) {
    assertThatThrownBy(signing).isInstanceOf(MalformedException.class).hasMessageContaining(why);
  }
}
