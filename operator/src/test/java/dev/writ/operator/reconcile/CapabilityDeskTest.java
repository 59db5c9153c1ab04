package dev.writ.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.PrivateKey;
import dev.writ.operator.capability.CallTotals;
import dev.writ.operator.capability.CapabilityReader;
import dev.writ.operator.capability.Condition;
import dev.writ.operator.capability.Reason;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.counting.Ledgers;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.issue.Programs;
import dev.writ.operator.records.Tally;
import dev.writ.operator.revoke.Epochs;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationState;
import dev.writ.operator.revoke.RevocationStore;
import dev.writ.operator.revoke.SignedList;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient(crud = true)
class CapabilityDeskTest {
  private static final String CID = "aaaaaaaa-0000-0000-0000-000000000000";
  private static final SpiffeId SOURCE = SpiffeId.workload("cluster.local", "plan", "billing");
  KubernetesClient client;
  private final Clock clock = Clock.fixed(Instant.parse("2026-11-22T00:00:00Z"), ZoneOffset.UTC);
  private final List<SignedList> published = new ArrayList<>();
  private final Programs programs = new Programs();
  private final PodStates pods = new PodStates();
  private final FailingStore store = new FailingStore();
  private final FakeLedgers ledgers = new FakeLedgers();
  private ClusterView cluster;
  private CapabilityDesk desk;
  private String podUid;

  /** Keeps one state, and fails when told to. */
  private static final class FailingStore implements RevocationStore {
    private Optional<Stored> stored = Optional.empty();
    private boolean fails;

    @Override
    public Optional<Stored> load() {
      return stored;
    }

    @Override
    public Stored save(RevocationState state, String version) {
      if (fails) {
        throw new IllegalStateException("not stored");
      }
      stored = Optional.of(new Stored(state, version + "x"));
      return stored.get();
    }
  }

  /** Remembers what it was told, and fails when told to. */
  private static final class FakeLedgers implements Ledgers {
    private final List<Terms> programmed = new ArrayList<>();
    private CallTotals totals = CallTotals.NONE;
    private boolean fails;

    @Override
    public CallTotals totals(String cid) {
      return totals;
    }

    @Override
    public void programmed(Terms terms, String accepted) {
      if (fails) {
        throw new IllegalStateException("no ledger");
      }
      programmed.add(terms);
    }

    @Override
    public void gone(String cid) {
      programmed.clear();
    }
  }

  @BeforeEach
  void setUp() throws Exception {
    create(
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: billing, namespace: plan}}",
        ServiceAccount.class);
    create(
        "{apiVersion: v1, kind: Service, metadata: {name: ledger, namespace: bank}, spec:"
            + " {selector: {app: ledger}, ports: [{port: 8080}]}}",
        Service.class);
    podUid =
        create(
                "{apiVersion: v1, kind: Pod, metadata: {name: ledger-0, namespace: bank, labels:"
                    + " {app: ledger, writ.dev/injected: 'true'}, annotations: {writ.dev/inject:"
                    + " enabled}}, spec: {initContainers: [{name: writ-sidecar, restartPolicy:"
                    + " Always}], containers: [{name: app, ports: [{containerPort: 8080}]}]}}",
                Pod.class)
            .getMetadata()
            .getUid();
    cluster = new ClusterView(client, change -> {});
    desk = desk();
  }

  @AfterEach
  void tearDown() {
    cluster.close();
  }

  private <T extends HasMetadata> T create(String flow, Class<T> type) {
    return client.resource(Serialization.unmarshal("---\n" + flow, type)).create();
  }

  private static AgentCapability capability(long generation, String spec) {
    AgentCapability capability =
        Serialization.unmarshal(
            """
            apiVersion: writ.dev/v1alpha1
            kind: AgentCapability
            metadata: {name: c, namespace: bank, creationTimestamp: "2026-11-21T00:00:00Z"}
            spec:
              source: {serviceAccount: {name: billing, namespace: plan}}
              targetRef: {kind: Service, name: ledger}
              actions: [{name: read, http: {methods: [GET], paths: [{type: Prefix, value: /}]}}]
            """
                + spec.indent(2),
            AgentCapability.class);
    capability.getMetadata().setUid(CID);
    capability.getMetadata().setGeneration(generation);
    return capability;
  }

  private CapabilityDesk.Assessment assess(long generation, String spec) throws Exception {
    return desk.assess(Applications.of(capability(generation, spec)), true);
  }

  private static Reason programmed(CapabilityDesk.Assessment assessment) {
    return assessment.verdict().condition(Condition.Type.PROGRAMMED).reason();
  }

  @Test
  void itIsProgrammedOnceTheGateAppliedTheEpochOfTheChange() throws Exception {
    // Given
    assertThat(programmed(assess(1, ""))).isEqualTo(Reason.PENDING);
    pods.enrolled(podUid, 1, Set.of("spiffe://cluster.local/ns/bank/svc/ledger"), Map.of());
    // When
    pods.applied(podUid, published.getLast().epoch());
    // Then
    assertThat(programmed(assess(1, ""))).isEqualTo(Reason.PROGRAMMED);
    assertThat(programmed(assess(2, "baseProtocol: Deny"))).isEqualTo(Reason.PENDING);
    pods.applied(podUid, published.getLast().epoch());
    assertThat(programmed(assess(2, "baseProtocol: Deny"))).isEqualTo(Reason.PROGRAMMED);
  }

  @Test
  void aChangeThatCouldNotBeStoredIsPublishedByTheNextAttempt() throws Exception {
    // Given
    assess(1, "");
    pods.enrolled(podUid, 1, Set.of("spiffe://cluster.local/ns/bank/svc/ledger"), Map.of());
    pods.applied(podUid, published.getLast().epoch());
    int before = published.size();
    store.fails = true;
    // When
    assertThatThrownBy(() -> assess(2, "baseProtocol: Deny")).hasMessage("not stored");
    // Then
    assertThat(published).hasSize(before);
    store.fails = false;
    assertThat(programmed(assess(2, "baseProtocol: Deny"))).isEqualTo(Reason.PENDING);
    assertThat(published).hasSize(before + 1);
    assertThat(store.stored.orElseThrow().state().kills(CID, 1)).isTrue();
  }

  @Test
  void aLedgerThatCannotBeWrittenKeepsNoRevocationBackAndIsTriedAgain() throws Exception {
    // Given
    assess(1, "limits: {calls: 5}");
    ledgers.fails = true;
    // When
    assertThatThrownBy(() -> assess(2, "limits: {calls: 3}\nsuspend: true"))
        .hasMessage("no ledger");
    // Then
    assertThat(store.stored.orElseThrow().state().cids()).containsOnlyKeys(CID);
    // When
    ledgers.fails = false;
    assess(2, "limits: {calls: 3}\nsuspend: true");
    // Then
    assertThat(ledgers.programmed.getLast().limits().calls()).isEqualTo(3);
  }

  @Test
  void aLedgerBehindTheLogMintsNothing() throws Exception {
    // Given
    ledgers.totals = new CallTotals(3, 0, 0, "1-7");
    // When
    CapabilityDesk.Assessment assessment = assess(1, "limits: {calls: 5}");
    // Then
    assertThat(programmed(assessment)).isEqualTo(Reason.LEDGER_BEHIND_LOG);
    assertThat(assessment.verdict().issuable()).isFalse();
    assertThat(assessment.verdict().condition(Condition.Type.READY).message())
        .contains("writ.dev/accept-log=1-7");
  }

  @Test
  void anUnchangedOneIsNotPublishedAgain() throws Exception {
    // Given
    assess(1, "");
    int before = published.size();
    // When
    assess(1, "");
    // Then
    assertThat(published).hasSize(before);
  }

  @Test
  void aRefusedOneIsNotListedUnlessItOnceWasAccepted() throws Exception {
    // When
    assess(1, "delegation: {maxDepth: 1}");
    // Then
    assertThat(store.stored.orElseThrow().state().cids()).isEmpty();
    // When
    assess(2, "");
    assess(3, "delegation: {maxDepth: 1}");
    // Then
    assertThat(store.stored.orElseThrow().state().cids()).containsOnlyKeys(CID);
    assertThat(programs.of(SOURCE)).isEmpty();
  }

  @Test
  void aDeletedOneIsListedAndForgotten() throws Exception {
    // Given
    assess(1, "");
    // When
    desk.gone(CID);
    // Then
    assertThat(store.stored.orElseThrow().state().cids()).containsOnlyKeys(CID);
    assertThat(programs.of(SOURCE)).isEmpty();
    assertThat(desk.generation(CID)).isEqualTo(-1);
  }

  @Test
  void whatTheControllerMissedTwiceIsActedOn() throws Exception {
    // Given
    List<String> found = new ArrayList<>();
    Watchdog watchdog = new Watchdog(desk, programs, () -> found.add("x"));
    assess(1, "");
    AgentCapability edited = capability(2, "suspend: true");
    // When: once is a coincidence
    watchdog.look(List.of(edited));
    assertThat(found).isEmpty();
    watchdog.look(List.of(edited));
    // Then
    assertThat(found).hasSize(1);
    assertThat(store.stored.orElseThrow().state().cids()).containsOnlyKeys(CID);
    watchdog.look(List.of(edited));
    assertThat(found).hasSize(1);
    // When: it disappears without a word
    watchdog.look(List.of());
    watchdog.look(List.of());
    // Then
    assertThat(found).hasSize(2);
    assertThat(programs.seen()).isEmpty();
  }

  @Test
  void aPodWithoutSidecarBehindTheTargetIsNamed() throws Exception {
    // Given
    create(
        "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name:"
            + " ledger-x, namespace: bank, labels: {kubernetes.io/service-name: ledger}},"
            + " endpoints: [{addresses: [10.0.0.1], targetRef: {kind: Pod, name: ledger-0,"
            + " namespace: bank, uid: "
            + podUid
            + "}}, {addresses: [10.0.0.2], targetRef: {kind: Pod, name: bare-0, namespace: bank,"
            + " uid: cccc}}, {addresses: [10.0.0.3], conditions: {terminating: true}, targetRef:"
            + " {kind: Pod, name: old-0, namespace: bank, uid: dddd}}]}",
        EndpointSlice.class);
    cluster.close();
    cluster = new ClusterView(client, change -> {});
    desk = desk();
    // When
    CapabilityDesk.Assessment assessment = assess(1, "");
    // Then
    Condition programmed = assessment.verdict().condition(Condition.Type.PROGRAMMED);
    assertThat(programmed.reason()).isEqualTo(Reason.TARGET_UNGUARDED);
    assertThat(programmed.message())
        .contains("bare-0")
        .doesNotContain("old-0")
        .doesNotContain("ledger-0");
  }

  private CapabilityDesk desk() throws Exception {
    PrivateKey key = PrivateKey.generate();
    RevocationRegister register =
        new RevocationRegister.Builder(
                store,
                () -> key,
                "spiffe://cluster.local/writ",
                clock,
                new Epochs(clock, 0),
                published::add)
            .open(1);
    return new CapabilityDesk(
        new CapabilityDesk.Parts(
            new CapabilityReader("cluster.local"),
            cluster,
            programs,
            pods,
            new Tally((cid, namespace) -> true, cid -> {}),
            ledgers,
            register,
            new EventHub(),
            clock));
  }
}
