package dev.writ.sidecar.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.client.Delegator;
import dev.writ.contract.document.Attenuation;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.ChainResult;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Field;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.OnwardChains;
import dev.writ.contract.verify.OnwardChains.Onward;
import dev.writ.contract.verify.Revocations;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.state.HeldContract;
import dev.writ.sidecar.state.OwnIdentity;
import dev.writ.sidecar.state.Snapshot;
import dev.writ.sidecar.work.Contexts;
import dev.writ.sidecar.work.Handed;
import dev.writ.sidecar.work.HeldChain;
import dev.writ.sidecar.work.Work;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.MultiMap;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** In whose name a call goes out, and what goes along with it. */
class DeputyTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String TRACE_PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String WORKER = "spiffe://cluster.local/ns/plan/sa/worker";
  private static final String CLERK = "spiffe://cluster.local/ns/plan/sa/clerk";
  private static final SpiffeId LEDGER = SpiffeId.service("cluster.local", "bank", "ledger");

  private final World world = new World();
  private final PrivateKey worker = PrivateKey.generate();
  private final long now = world.time.moment().epochSeconds();
  private final Works works = new Works(new Contexts(new SecureRandom()), 100, 1_000_000);
  private final Delegations delegations =
      new Delegations(worker, new HelperMeters(new SimpleMeterRegistry()));

  private Deputy deputy(Configuration.Deputy rule) {
    return new Deputy(works, worker.publicKey(), rule);
  }

  private RootContract root(PrivateKey holder, String sub, String audience, String... to) {
    Rule rule =
        new Rule(
            "use",
            new Match.HttpMatch(
                List.of("GET"), List.of(new PathMatch(PathMatch.Type.PREFIX, "/v1")), false),
            List.of());
    return new RootContract(
        World.ISSUER,
        sub,
        audience,
        now,
        now - 30,
        now + 900,
        UUID.randomUUID().toString(),
        UUID.randomUUID().toString(),
        1,
        holder.publicKey(),
        to.length == 0 ? 0 : 2,
        List.of(to),
        List.of("use"),
        List.of(rule),
        Limits.NONE,
        true,
        false,
        false);
  }

  private String credential(String sub, PrivateKey key) {
    IdentityCredential.Pod pod =
        new IdentityCredential.Pod("plan", "p-0", UUID.randomUUID().toString());
    return new IdentityCredential(
            World.ISSUER, sub, List.of(), pod, now, now - 30, now + 900, key.publicKey())
        .sign(world.issuer);
  }

  private Snapshot snapshot(RootContract... own) throws Exception {
    String jws = credential(WORKER, worker);
    List<HeldContract> held = new ArrayList<>();
    for (RootContract root : own) {
      held.add(new HeldContract(root.sign(world.issuer), root));
    }
    return new Snapshot(
        0,
        world.trust,
        new Revocations.Unconfigured(),
        new OwnIdentity(jws, IdentityCredential.unverified(jws)),
        held,
        List.<Listener>of());
  }

  /** A contract of the caller's for the service, handed over to the worker. */
  private Handed handed(String audience, String... more) throws Exception {
    List<String> to = new ArrayList<>(List.of(WORKER));
    to.addAll(List.of(more));
    RootContract root = root(world.caller, World.CALLER, audience, to.toArray(String[]::new));
    String identity = credential(WORKER, worker);
    Delegator.Delegated delegated =
        Delegator.sign(
            new Delegator.Parent(root.sign(world.issuer), List.of(root)),
            world.caller,
            IdentityCredential.unverified(identity),
            Attenuation.NONE,
            new Delegator.Stamp(
                UUID.randomUUID().toString(), UUID.randomUUID().toString(), now, 300));
    return new Handed(
        new Onward(delegated.contract(), null), chain(delegated.contract(), identity));
  }

  private Chain chain(String contract, String identities) {
    Verifier verifier =
        new Verifier(
            Ed25519.bouncyCastle(),
            new Challenges(new SecureRandom(), world.time.moment(), 16),
            1 << 20);
    verifier.trust(world.trust);
    ChainResult result =
        verifier.onward(contract, identities, new Revocations.Unconfigured(), world.time.moment());
    return ((ChainResult.Verified) result).chain();
  }

  private String begin(String receipt, String caller, Handed... handed) {
    works.begin(new Work(receipt, List.of(caller), TRACE, List.of(handed), now + 900), now);
    return works.contexts().of(receipt);
  }

  private static MultiMap headers(String... fields) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    return headers;
  }

  @Test
  void theCallersRightComesFirstAndTheOwnAfterIt() throws Exception {
    // Given
    RootContract own = root(worker, WORKER, World.LEDGER);
    Handed handed = handed(World.LEDGER);
    String context = begin("00000000000000aa.1", World.CALLER, handed);
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);
    Snapshot snapshot = snapshot(own);

    // When
    Standing standing = deputy.standing(headers("Capability-Context", context), snapshot, now);
    List<HeldChain> candidates = deputy.candidates(standing, snapshot, LEDGER, now);

    // Then
    assertThat(standing.parent()).isEqualTo("00000000000000aa.1");
    assertThat(candidates).hasSize(2);
    assertThat(candidates.getFirst().blocks()).hasSize(2);
    assertThat(candidates.getLast().blocks()).containsExactly(own);
  }

  @Test
  void aTraceDoesTheSameAndACallOfNoWorkHasTheOwnRightAlone() throws Exception {
    begin("00000000000000aa.1", World.CALLER, handed(World.LEDGER));
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);
    Snapshot snapshot = snapshot(root(worker, WORKER, World.LEDGER));

    Standing traced = deputy.standing(headers("traceparent", TRACE_PARENT), snapshot, now);
    Standing alone = deputy.standing(headers(), snapshot, now);
    Standing twice =
        deputy.standing(
            headers("traceparent", TRACE_PARENT, "traceparent", TRACE_PARENT), snapshot, now);

    assertThat(deputy.candidates(traced, snapshot, LEDGER, now)).hasSize(2);
    assertThat(alone).isEqualTo(Standing.NONE);
    assertThat(twice).as("which of the two is meant is unknown").isEqualTo(Standing.NONE);
    assertThat(deputy.candidates(alone, snapshot, LEDGER, now)).hasSize(1);
  }

  @Test
  void callerOnlyLeavesTheOwnRightOut() throws Exception {
    begin("00000000000000aa.1", World.CALLER, handed(World.LEDGER));
    Deputy deputy = deputy(Configuration.Deputy.CALLER_ONLY);
    Snapshot snapshot = snapshot(root(worker, WORKER, World.LEDGER, CLERK));

    Standing traced = deputy.standing(headers("traceparent", TRACE_PARENT), snapshot, now);

    assertThat(deputy.candidates(traced, snapshot, LEDGER, now)).hasSize(1);
    assertThatThrownBy(() -> deputy.candidates(Standing.NONE, snapshot, LEDGER, now))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("caller-only");
    assertThat(deputy.delegable(Standing.NONE, snapshot, now)).isEmpty();
    assertThat(deputy.candidates(Standing.NONE, snapshot(), LEDGER, now))
        .as("a host that no contract is about")
        .isEmpty();
  }

  @Test
  void twoCallersOfOneTraceGiveNobodysRightAway() throws Exception {
    begin("00000000000000aa.1", World.CALLER, handed(World.LEDGER));
    begin("00000000000000aa.2", CLERK);
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);
    Snapshot snapshot = snapshot(root(worker, WORKER, World.LEDGER, CLERK));

    Standing mixed = deputy.standing(headers("traceparent", TRACE_PARENT), snapshot, now);

    assertThat(mixed.mixed()).isTrue();
    assertThatThrownBy(() -> deputy.candidates(mixed, snapshot, LEDGER, now))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("Capability-Context");
    assertThat(deputy.delegable(mixed, snapshot, now)).isEmpty();
  }

  @Test
  void aContextThatIsForgottenStillNamesTheParent() throws Exception {
    String context = works.contexts().of("00000000000000aa.9");
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);

    Standing standing = deputy.standing(headers("Capability-Context", context), snapshot(), now);

    assertThat(standing).isEqualTo(new Standing("00000000000000aa.9", List.of(), false));
    assertThatThrownBy(
            () -> deputy.standing(headers("Capability-Context", context + "x"), snapshot(), now))
        .isInstanceOf(Failure.class);
  }

  @Test
  void whatHasEndedGrantsNothing() throws Exception {
    begin("00000000000000aa.1", World.CALLER, handed(World.LEDGER));
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);

    Standing later = deputy.standing(headers("traceparent", TRACE_PARENT), snapshot(), now + 301);

    assertThat(later.handed()).isEmpty();
    assertThat(later.parent()).isNotNull();
  }

  @Test
  void whatWasHandedOverGoesOnAndStandsForTheOwnOfThatService() throws Exception {
    // Given the caller's right at the ledger for worker and clerk, and own ones there and elsewhere
    begin("00000000000000aa.1", World.CALLER, handed(World.LEDGER, CLERK));
    String other = "spiffe://cluster.local/ns/bank/svc/other";
    Deputy deputy = deputy(Configuration.Deputy.CALLER_FIRST);
    Snapshot snapshot =
        snapshot(root(worker, WORKER, World.LEDGER, CLERK), root(worker, WORKER, other, CLERK));
    Standing standing = deputy.standing(headers("traceparent", TRACE_PARENT), snapshot, now);
    PrivateKey clerk = PrivateKey.generate();
    String credential = credential(CLERK, clerk);

    // When
    List<Field> fields =
        delegations.fields(
            deputy.delegable(standing, snapshot, now),
            IdentityCredential.unverified(credential),
            now);

    // Then
    List<Onward> onward = OnwardChains.split(fields.get(0).value(), fields.get(1).value());
    assertThat(onward).hasSize(2);
    assertThat(chain(onward.get(0).contract(), onward.get(0).identitiesWith(credential)).subjects())
        .containsExactly(World.CALLER, WORKER, CLERK);
    assertThat(chain(onward.get(1).contract(), onward.get(1).identitiesWith(credential)).subjects())
        .containsExactly(WORKER, CLERK);
    assertThat(
            delegations.fields(
                deputy.delegable(standing, snapshot, now),
                IdentityCredential.unverified(
                    credential("spiffe://cluster.local/ns/a/sa/b", clerk)),
                now))
        .as("nobody named this one")
        .isEmpty();
    assertThat(delegations.fields(deputy.delegable(standing, snapshot, now), null, now)).isEmpty();
  }

  @Test
  void aDelegationIsUsedForAMinuteAndKeepsItsCid() throws Exception {
    List<HeldChain> chains =
        List.of(
            HeldChain.of(
                snapshot(root(worker, WORKER, World.LEDGER, CLERK)).contracts().getFirst()));
    IdentityCredential clerk =
        IdentityCredential.unverified(credential(CLERK, PrivateKey.generate()));

    String first = delegations.fields(chains, clerk, now).getFirst().value();
    String soon = delegations.fields(chains, clerk, now + 59).getFirst().value();
    String later = delegations.fields(chains, clerk, now + 60).getFirst().value();

    assertThat(soon).isEqualTo(first);
    assertThat(later).isNotEqualTo(first);
    assertThat(cid(later)).isEqualTo(cid(first));
  }

  private static String cid(String contract) throws Exception {
    String last = contract.substring(contract.lastIndexOf(' ') + 1);
    return dev.writ.contract.document.SignedBlock.read(last).block().cid();
  }

  @Test
  void theHeadersStayWithinTheirBoundAndTheMemoryToo() throws Exception {
    List<HeldChain> chains = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      RootContract root = root(worker, WORKER, LEDGER + "-" + i, CLERK);
      chains.add(HeldChain.of(new HeldContract(root.sign(world.issuer), root)));
    }
    for (int i = 0; i < 60; i++) {
      IdentityCredential clerk =
          IdentityCredential.unverified(credential(CLERK, PrivateKey.generate()));

      List<Field> fields = delegations.fields(chains, clerk, now);

      assertThat(fields).hasSize(1);
      assertThat(fields.getFirst().value().length()).isBetween(6 * 1024, 12 * 1024);
      assertThat(OnwardChains.split(fields.getFirst().value(), null).size()).isLessThan(16);
    }
    assertThat(delegations.size()).isLessThanOrEqualTo(1_024 + 8_192);
  }
}
