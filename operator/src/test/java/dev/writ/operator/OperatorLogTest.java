package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.writ.audit.AuditRecord;
import dev.writ.audit.Entry;
import dev.writ.audit.OperatorEntry;
import dev.writ.audit.RecordChain;
import dev.writ.audit.log.LogReader;
import dev.writ.audit.log.LogRefusedException;
import dev.writ.audit.log.RecordScan;
import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.LogVerifier;
import dev.writ.audit.verify.Report;
import dev.writ.contract.key.Ed25519;
import dev.writ.v1alpha1.agentcapabilitystatus.Log;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of the whole operator, read as an auditor reads it. */
@EnableKubernetesMockClient(crud = true)
class OperatorLogTest {
  private static final String BOOT = "00000000000000aa";
  private static final Ed25519 ED25519 = Ed25519.bouncyCastle();
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: billing-may-transfer, namespace: bank}
      spec:
        source: {serviceAccount: {name: billing, namespace: plan}}
        targetRef: {kind: Service, name: ledger}
        actions:
        - name: transfer
          http: {methods: [POST], paths: [{type: Exact, value: /v1/transfers}]}
      """;

  KubernetesMockServer server;
  KubernetesClient client;
  @TempDir Path data;
  private MockCluster cluster;
  private Pod caller;
  private Pod callee;

  @BeforeEach
  void setUp() {
    cluster = new MockCluster(server, client, data);
    cluster.serviceAccount("plan", "billing");
    cluster.serviceAccount("bank", "ledger");
    cluster.service("bank", "ledger", 8080);
    caller = cluster.pod("plan", "billing-0", "billing", 8081);
    callee = cluster.pod("bank", "ledger-0", "ledger", 8080);
  }

  private ConfigMap map(String name) {
    return client.configMaps().inNamespace("writ-system").withName(name).get();
  }

  private VerifierKey key() throws Exception {
    return VerifierKey.parse(map("writ-log-key").getData().get("key"));
  }

  private static List<AuditRecord> records(LogReader log) throws Exception {
    List<AuditRecord> records = new ArrayList<>();
    RecordScan.each(log.entries(), 0, (index, line, stored, pod) -> records.add(stored));
    return records;
  }

  private static String line(RecordChain chain, Entry entry) {
    RecordChain.Sealed sealed = chain.seal(entry);
    chain.stored(sealed);
    return sealed.line();
  }

  private List<String> gate(String cid) {
    RecordChain chain = new RecordChain(BOOT);
    return List.of(
        line(
            chain,
            new Entry.Start(
                Instant.EPOCH, "bank/ledger-0", callee.getMetadata().getUid(), null, 0)),
        line(
            chain,
            new Entry.Call(
                Instant.EPOCH,
                "bank/ledger-0",
                "spiffe://cluster.local/ns/bank/svc/ledger",
                Entry.Decision.ALLOW,
                null,
                Entry.Mode.ENFORCE,
                "transfer",
                "POST",
                "/v1/transfers",
                List.of(new Entry.Link("spiffe://cluster.local/ns/plan/sa/billing", cid, cid, "k")),
                null,
                null,
                List.of(),
                "127.0.0.1:1",
                null,
                null,
                1)));
  }

  @Test
  void everyoneCanVerifyWhatWasIssuedDecidedAndRevoked() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), cluster.token(caller));
      String cid = cluster.capability(CAPABILITY).getMetadata().getUid();
      await().until(() -> billing.enrol().get("contracts").size() == 1);
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      assertThat(ledger.records(BOOT, 1, gate(cid)).body()).isEqualTo("{\"acked\":2}");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> cluster.get("bank", "billing-may-transfer").getStatus().getLog() != null);
      Log shown = cluster.get("bank", "billing-may-transfer").getStatus().getLog();
      client
          .resources(dev.writ.v1alpha1.AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .delete();
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  records(LogReader.open(ledger.log(), List.of(key()), ED25519)).stream()
                      .anyMatch(
                          each ->
                              each.entry() instanceof OperatorEntry.Revoke revoke
                                  && revoke.cids().contains(cid)));
      // When
      Report report = LogVerifier.verify(ledger.log(), LogVerifier.Options.of(key()), ED25519);
      // Then
      assertThat(report.findings()).isEmpty();
      assertThat(report.silent()).extracting(Report.Silent::pod).containsExactly("plan/billing-0");
      LogReader log = LogReader.open(ledger.log(), List.of(key()), ED25519);
      List<AuditRecord> records = records(log);
      assertThat(records.get(shown.getIndex().intValue()).receipt()).isEqualTo(BOOT + ".2");
      assertThat(shown.getTreeSize()).isGreaterThan(shown.getIndex());
      assertThat(records)
          .anyMatch(
              each ->
                  each.entry() instanceof OperatorEntry.Issue issue
                      && issue.contracts().stream()
                          .anyMatch(
                              contract ->
                                  contract.cid().equals(cid)
                                      && contract.name().equals("bank/billing-may-transfer")));
      assertThat(
              records.stream().filter(each -> each.entry() instanceof OperatorEntry.Rotate).count())
          .isEqualTo(2);
    }
  }

  @Test
  void nothingButTheLogIsServedBelowItsPath() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      assertThat(ledger.get("/log/checkpoint").statusCode()).isEqualTo(200);
      for (String path :
          List.of(
              "/log/",
              "/log/heads/1",
              "/log/lock",
              "/log/tile/../checkpoint",
              "/log/tile/0/000.p/0",
              "/log/%2e%2e/checkpoint",
              "/log/stage",
              "/log//checkpoint",
              "/log/tile/0/999")) {
        assertThat(ledger.get(path).statusCode()).as(path).isEqualTo(404);
      }
      assertThat(ledger.post("/log/checkpoint", "x").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void aConfigMapThatWasRestoredStopsTheStart() throws Exception {
    // Given
    Map<String, String> backup;
    try (OperatorProcess operator = cluster.operator()) {
      backup = map("writ-checkpoint").getData();
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      ledger.enrol();
    }
    client
        .configMaps()
        .inNamespace("writ-system")
        .withName("writ-checkpoint")
        .edit(old -> new ConfigMapBuilder(old).withData(backup).build());
    // Then
    assertThatThrownBy(cluster::operator)
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("restored");
    // When
    String checkpoint = Files.readString(data.resolve("log/checkpoint"));
    String[] lines = checkpoint.split("\n", -1);
    annotate("writ-checkpoint", "writ.dev/accept-checkpoint", "1:" + lines[2]);
    assertThatThrownBy(cluster::operator).as("another size").hasMessageContaining("restored");
    annotate("writ-checkpoint", "writ.dev/accept-checkpoint", lines[1] + ":" + lines[2]);
    // Then
    try (OperatorProcess operator = cluster.operator()) {
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      assertThat(
              LogVerifier.verify(ledger.log(), LogVerifier.Options.of(key()), ED25519).findings())
          .isEmpty();
      assertThat(Long.parseLong(map("writ-checkpoint").getData().get("size")))
          .isGreaterThan(Long.parseLong(lines[1]));
      assertThat(map("writ-checkpoint").getMetadata().getAnnotations()).isNullOrEmpty();
    }
  }

  private void annotate(String name, String annotation, String value) {
    client
        .configMaps()
        .inNamespace("writ-system")
        .withName(name)
        .edit(
            old ->
                new ConfigMapBuilder(old)
                    .editMetadata()
                    .addToAnnotations(annotation, value)
                    .endMetadata()
                    .build());
  }

  @Test
  void aKeyOfTheLogIsRotatedByAnAnnotationWhileTheOldOneStillVerifies() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      VerifierKey before = key();
      // When
      annotate("writ-log-key", "writ.dev/rotate-key", "now");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  !key().equals(before)
                      && map("writ-log-key").getMetadata().getAnnotations().isEmpty());
      ledger.enrol();
      // Then
      VerifierKey after = key();
      for (VerifierKey each : List.of(before, after)) {
        assertThat(
                LogVerifier.verify(ledger.log(), LogVerifier.Options.of(each), ED25519).findings())
            .isEmpty();
      }
      assertThat(records(LogReader.open(ledger.log(), List.of(key()), ED25519)))
          .anyMatch(
              each ->
                  each.entry() instanceof OperatorEntry.Rotate rotate
                      && rotate.current().equals(after.key().thumbprint())
                      && rotate.trusted().contains(before.key().thumbprint()));
    }
    try (OperatorProcess operator = cluster.operator()) {
      assertThat(operator.port()).isPositive();
    }
  }

  @Test
  void aKeyOfTheLogThatIsOldEnoughIsFollowedByAnother() throws Exception {
    // Given
    VerifierKey before;
    try (OperatorProcess operator = cluster.operator()) {
      assertThat(operator.port()).isPositive();
      before = key();
    }
    String longAgo =
        Base64.getEncoder().encodeToString("2020-01-01T00:00:00Z".getBytes(StandardCharsets.UTF_8));
    client
        .secrets()
        .inNamespace("writ-system")
        .withName("writ-log-key")
        .edit(old -> new SecretBuilder(old).addToData("since", longAgo).build());
    // When
    try (OperatorProcess operator = cluster.operator(Map.of("WRIT_LOG_KEY_LIFETIME", "365d"))) {
      await().atMost(Duration.ofSeconds(60)).until(() -> !key().equals(before));
      // Then
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      ledger.enrol();
      for (VerifierKey each : List.of(before, key())) {
        assertThat(
                LogVerifier.verify(ledger.log(), LogVerifier.Options.of(each), ED25519).findings())
            .isEmpty();
      }
    }
  }

  @Test
  void aSecondOperatorsAppendMakesTheFirstOnesFailOnceAndForksNothing() throws Exception {
    try (OperatorProcess first = cluster.operator()) {
      Sidecars one = new Sidecars(first.port(), cluster.ca(), cluster.token(callee));
      one.enrol();
      try (OperatorProcess second = cluster.operator()) {
        Sidecars two = new Sidecars(second.port(), cluster.ca(), cluster.token(caller));
        two.enrol();
        // When
        assertThat(one.records(BOOT, 1, gate("c")).statusCode()).isEqualTo(503);
        assertThat(one.records(BOOT, 1, gate("c")).statusCode()).isEqualTo(200);
        // Then
        assertThat(LogVerifier.verify(one.log(), LogVerifier.Options.of(key()), ED25519).findings())
            .isEmpty();
      }
    }
  }
}
