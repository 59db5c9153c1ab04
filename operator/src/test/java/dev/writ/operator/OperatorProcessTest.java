package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.audit.Entry;
import dev.writ.audit.RecordChain;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.quota.AllowanceAnswer;
import dev.writ.contract.quota.AllowanceRequest;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole operator on a mock API server, spoken to as sidecars do. */
@EnableKubernetesMockClient(crud = true)
class OperatorProcessTest {
  private static final String BOOT = "00000000000000aa";
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
          arguments: [{pointer: /amount, minimum: 0, maximum: 500}, {pointer: /currency, values: [EUR, USD]}]
        limits: {calls: 1000}
      """;

  private static final String OTHER_BOOT = "00000000000000b2";

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

  @Test
  void aCapabilityBecomesAContractAConditionAndInTheEndARevocation() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given: both sidecars are there, then the capability comes
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), cluster.token(caller));
      JsonNode first = billing.enrol();
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      JsonNode gate = ledger.enrol();
      List<String> heard = ledger.events();
      List<String> told = billing.events();
      assertThat(first.get("contracts")).isEmpty();
      assertThat(gate.at("/services/0/id").asText())
          .isEqualTo("spiffe://cluster.local/ns/bank/svc/ledger");
      assertThat(gate.at("/services/0/ports/0/port").asInt()).isEqualTo(8080);
      String cid = cluster.capability(CAPABILITY).getMetadata().getUid();

      // When: the caller is told to enrol again
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> told.stream().anyMatch(event -> event.startsWith("refresh ")));
      JsonNode second = billing.enrol();

      // Then
      TrustBundle trust = TrustBundle.parse(second.get("trust").toString());
      RootContract contract =
          RootContract.parse(second.at("/contracts/0").asText(), trust, Ed25519.bouncyCastle());
      assertThat(contract.cid()).isEqualTo(cid);
      assertThat(contract.holder()).isEqualTo(billing.key.publicKey());
      assertThat(contract.aud()).isEqualTo("spiffe://cluster.local/ns/bank/svc/ledger");
      assertThat(contract.limits().calls()).isEqualTo(1000);
      assertThat(contract.exp() - contract.iat()).isEqualTo(900);
      IdentityCredential identity =
          IdentityCredential.parse(gate.get("identity").asText(), trust, Ed25519.bouncyCastle());
      assertThat(identity.services()).containsExactly("spiffe://cluster.local/ns/bank/svc/ledger");

      // When: the gate confirms the newest epoch it heard
      long epoch = epoch(heard.getLast());
      RecordChain chain = new RecordChain(BOOT);
      ledger.records(BOOT, epoch, List.of(start(chain)));

      // Then
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> "True".equals(condition("Ready").getStatus()));
      assertThat(cluster.get("bank", "billing-may-transfer").getStatus().getCalls().getSummary())
          .isEqualTo("0/1000");
      assertThat(cluster.get("bank", "billing-may-transfer").getStatus().getHolders()).isEqualTo(1);
      assertThat(cluster.get("bank", "billing-may-transfer").getMetadata().getFinalizers())
          .containsExactly("writ.dev/revoke");

      // When: it is deleted
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .delete();

      // Then: the gate hears of it, and the object goes
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> list(heard.getLast(), trust).cids().contains(cid));
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> cluster.get("bank", "billing-may-transfer") == null);
    }
  }

  @Test
  void recordsAreCountedAndARestartLosesNothing() throws Exception {
    // Given
    String cid;
    String jwks;
    long seq;
    RecordChain chain = new RecordChain(BOOT);
    String start = start(chain);
    try (OperatorProcess operator = cluster.operator()) {
      cid = cluster.capability(CAPABILITY).getMetadata().getUid();
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      jwks = ledger.get("/trust/jwks.json").body();
      await().until(() -> condition("Accepted") != null);
      // When
      String allowed = line(chain, call(cid, Entry.Decision.ALLOW, null, 17));
      String denied =
          line(chain, call(cid, Entry.Decision.DENY, ErrorCode.ARGUMENT_NOT_ALLOWED, 17));
      assertThat(ledger.records(BOOT, 1, List.of(start, allowed, denied)).body())
          .isEqualTo("{\"acked\":3}");
      // Then
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () -> {
                AgentCapability now = cluster.get("bank", "billing-may-transfer");
                return now.getStatus().getDecisions() != null
                    && now.getStatus().getDecisions().getAllowed() == 1
                    && now.getStatus().getDecisions().getDenied() == 1;
              });
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .delete();
      List<String> heard = ledger.events();
      await()
          .until(
              () ->
                  !heard.isEmpty()
                      && list(heard.getLast(), TrustBundle.parse(jwks)).cids().contains(cid));
      seq = list(heard.getLast(), TrustBundle.parse(jwks)).seq();
    }
    // When
    try (OperatorProcess operator = cluster.operator()) {
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      // Then: the same key, no lower number, the deletion is remembered
      assertThat(ledger.get("/trust/jwks.json").body()).isEqualTo(jwks);
      List<String> heard = ledger.events();
      await().until(() -> heard.stream().anyMatch(event -> event.startsWith("revocations ")));
      RevocationList list =
          list(
              heard.stream().filter(event -> event.startsWith("revocations ")).findFirst().get(),
              TrustBundle.parse(jwks));
      assertThat(list.seq()).isGreaterThanOrEqualTo(seq);
      assertThat(list.cids()).contains(cid);
      assertThat(heard.getFirst()).startsWith("refresh ");
      // And: what was stored is acknowledged again, what follows goes on
      String more = line(chain, call(cid, Entry.Decision.ALLOW, null, 18));
      assertThat(ledger.records(BOOT, 1, List.of(start, more)).body()).isEqualTo("{\"acked\":4}");
      String gap = line(chain, call(cid, Entry.Decision.ALLOW, null, 19));
      String afterGap = line(chain, call(cid, Entry.Decision.ALLOW, null, 20));
      assertThat(ledger.records(BOOT, 1, List.of(afterGap)).statusCode()).isEqualTo(409);
      assertThat(ledger.records(BOOT, 1, List.of(gap, afterGap)).body()).isEqualTo("{\"acked\":6}");
    }
  }

  @Test
  void twoReplicasShareTheCallsAndARestartForgetsNone() throws Exception {
    // Given
    Pod second = cluster.pod("bank", "ledger-1", "ledger", 8080);
    String cid;
    long first = 0;
    long other = 0;
    try (OperatorProcess operator = cluster.operator()) {
      cid = cluster.capability(CAPABILITY.replace("1000", "10")).getMetadata().getUid();
      Sidecars one = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      await().until(() -> condition("Accepted") != null);
      // When
      for (int i = 0; i < 4; i++) {
        first = granted(one, BOOT, cid, 100, 0);
      }
      Sidecars two = new Sidecars(operator.port(), cluster.ca(), cluster.token(second));
      for (int i = 0; i < 8; i++) {
        other = granted(two, OTHER_BOOT, cid, 100, 0);
      }
      for (int i = 0; i < 8; i++) {
        first = granted(one, BOOT, cid, 100, 0);
      }
      // Then
      assertThat(first + other).isEqualTo(10);
      assertThat(other).isPositive();
    }
    try (OperatorProcess operator = cluster.operator()) {
      Sidecars one = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      assertThat(granted(one, BOOT, cid, 100, first)).isEqualTo(first);
      Sidecars two = new Sidecars(operator.port(), cluster.ca(), cluster.token(second));
      // When: all is spent
      assertThat(granted(two, OTHER_BOOT, cid, 100, other)).isEqualTo(other);
      // Then
      await().atMost(Duration.ofSeconds(5)).until(() -> "10/10".equals(calls()));
      assertThat(condition("Ready").getReason()).isEqualTo("Exhausted");
      // When
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"limits\":{\"calls\":11}}}");
      // Then
      long had = first;
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> granted(one, BOOT, cid, 100, had) == had + 1);
      await().atMost(Duration.ofSeconds(5)).until(() -> "10/11".equals(calls()));
      // When: another pod says that the boot is its own
      String stolen = request(BOOT, cid, 100, 0);
      assertThat(two.post("/v1/allowances", stolen).statusCode()).isEqualTo(409);
      assertThat(two.post("/v1/allowances", stolen.replace("items", "itemz")).statusCode())
          .isEqualTo(400);
    }
  }

  private static String request(String boot, String cid, long need, long spent) {
    return new AllowanceRequest(
            boot,
            List.of(new AllowanceRequest.Item(cid, 10, need, 0, spent, true)),
            List.of(),
            null)
        .json();
  }

  private static long granted(Sidecars gate, String boot, String cid, long need, long spent)
      throws Exception {
    var answer = gate.post("/v1/allowances", request(boot, cid, need, spent));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return AllowanceAnswer.parse(answer.body().getBytes(StandardCharsets.UTF_8))
        .items()
        .getFirst()
        .granted();
  }

  @Test
  void aStrangerGetsNothing() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      String token = cluster.token(caller);
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), token);
      // a proof for another token
      assertThat(billing.enrol("another").statusCode()).isEqualTo(401);
      // no such pod any more
      client.pods().inNamespace("plan").withName("billing-0").delete();
      await().until(() -> billing.enrol(token).statusCode() == 403);
      // a token for another audience
      Pod next = cluster.pod("plan", "billing-1", "billing", 8081);
      String foreign = cluster.token(next).replace("e30.", "e31.");
      cluster.review(next, true, List.of("https://kubernetes.default.svc"));
      Sidecars second = new Sidecars(operator.port(), cluster.ca(), foreign);
      assertThat(second.enrol(foreign).statusCode()).isIn(200, 401);
      assertThat(billing.post("/v1/enrol", "{}{}").statusCode()).isIn(400, 403);
      assertThat(billing.get("/nothing").statusCode()).isEqualTo(404);
      assertThat(billing.get("/v1/enrol").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void aNewKeySignsOnceEveryGateHasConfirmedItAndARevokedOneIsGoneForAll() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), cluster.token(caller));
      billing.enrol();
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      ledger.enrol();
      List<String> heard = ledger.events();
      List<String> told = billing.events();
      String old = kid(ledger.enrol().get("identity").asText());

      // When
      annotate("writ.dev/rotate-key", "now");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ledger.enrol().at("/trust/keys").size() == 2);
      confirm(ledger, heard, BOOT);
      Thread.sleep(1_500);
      // Then: the caller has not confirmed yet
      assertThat(kid(ledger.enrol().get("identity").asText())).isEqualTo(old);
      // When
      billing.enrol();
      confirm(billing, told, "00000000000000bb");
      // Then
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !kid(ledger.enrol().get("identity").asText()).equals(old));
      assertThat(ledger.enrol().at("/trust/keys")).hasSize(2);

      // When: the one that signs is stolen
      String stolen = kid(ledger.enrol().get("identity").asText());
      annotate("writ.dev/revoke-key", stolen);
      // Then
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !ledger.get("/trust/jwks.json").body().contains(stolen));
      JsonNode after = ledger.enrol();
      assertThat(after.at("/trust/keys")).hasSize(2);
      TrustBundle trust = TrustBundle.parse(after.get("trust").toString());
      assertThat(trust.key(stolen)).isEmpty();
      RevocationList.parse(after.get("revocations").asText(), trust, Ed25519.bouncyCastle());
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> heard.stream().filter(event -> event.startsWith("refresh ")).count() >= 2);
    }
  }

  @Test
  void aRevokedPodLosesWhatItHoldsAndGetsNothingNewAlsoAfterARestart() throws Exception {
    String token = cluster.token(caller);
    String jkt;
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      cluster.capability(CAPABILITY);
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), token);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> billing.enrol().get("contracts").size() == 1);
      jkt = billing.key.publicKey().thumbprint();
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      TrustBundle trust = TrustBundle.parse(ledger.enrol().get("trust").toString());
      List<String> heard = ledger.events();
      // When
      client
          .pods()
          .inNamespace("plan")
          .withName("billing-0")
          .edit(
              pod ->
                  new PodBuilder(pod)
                      .editMetadata()
                      .addToAnnotations("writ.dev/revoke", "true")
                      .endMetadata()
                      .build());
      // Then
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> list(heard.getLast(), trust).jkts().contains(jkt));
      assertThat(billing.enrol(token).statusCode()).isEqualTo(403);
      assertThat(billing.records(BOOT, 1, List.of()).statusCode()).isEqualTo(200);
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () ->
                  client.v1().events().inNamespace("plan").list().getItems().stream()
                      .anyMatch(event -> event.getReason().equals("Revoked")));
    }
    try (OperatorProcess operator = cluster.operator()) {
      // When: another process of the pod shows a key that nobody knew
      cluster.token(caller);
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), token);
      assertThat(billing.enrol(token).statusCode()).isEqualTo(403);
      // Then
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      JsonNode answer = ledger.enrol();
      TrustBundle trust = TrustBundle.parse(answer.get("trust").toString());
      assertThat(
              RevocationList.parse(
                      answer.get("revocations").asText(), trust, Ed25519.bouncyCastle())
                  .jkts())
          .containsExactlyInAnyOrder(jkt, billing.key.publicKey().thumbprint());
    }
  }

  @Test
  void aContractIsRevokedByItsIdAndTheRequestIsTakenDown() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      cluster.capability(CAPABILITY);
      Sidecars billing = new Sidecars(operator.port(), cluster.ca(), cluster.token(caller));
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> billing.enrol().get("contracts").size() == 1);
      JsonNode answer = billing.enrol();
      TrustBundle trust = TrustBundle.parse(answer.get("trust").toString());
      String jti =
          RootContract.parse(answer.at("/contracts/0").asText(), trust, Ed25519.bouncyCastle())
              .jti();
      List<String> heard = billing.events();
      // When
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"metadata\":{\"annotations\":{\"writ.dev/revoke-contracts\":\"rubbish, "
                  + jti
                  + "\"}}}");
      // Then
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> list(heard.getLast(), trust).jtis().contains(jti));
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () -> {
                var annotations =
                    cluster.get("bank", "billing-may-transfer").getMetadata().getAnnotations();
                return annotations == null || !annotations.containsKey("writ.dev/revoke-contracts");
              });
      assertThat(client.v1().events().inNamespace("bank").list().getItems())
          .anyMatch(
              event ->
                  event.getReason().equals("RevocationDeclined")
                      && event.getMessage().contains("\"rubbish\""));
      assertThat(billing.enrol().get("contracts")).hasSize(1);
    }
  }

  @Test
  void anAgentOutsideHasItsContractInASecretForAsLongAsItMay() throws Exception {
    try (OperatorProcess operator = cluster.operator()) {
      // Given
      PrivateKey key = PrivateKey.generate();
      String outside =
          CAPABILITY.replace(
              "{serviceAccount: {name: billing, namespace: plan}}",
              "{publicKey: "
                  + key.publicKey().toJwk().replace(":", ": ")
                  + ", contractSecretName: billing-contract}");
      Sidecars ledger = new Sidecars(operator.port(), cluster.ca(), cluster.token(callee));
      TrustBundle trust = TrustBundle.parse(ledger.enrol().get("trust").toString());
      List<String> heard = ledger.events();

      // When
      String cid = cluster.capability(outside).getMetadata().getUid();
      // Then
      await().atMost(Duration.ofSeconds(10)).until(() -> contract("billing-contract") != null);
      RootContract contract =
          RootContract.parse(contract("billing-contract"), trust, Ed25519.bouncyCastle());
      assertThat(contract.cid()).isEqualTo(cid);
      assertThat(contract.holder()).isEqualTo(key.publicKey());
      assertThat(contract.exp() - contract.iat()).isEqualTo(900);
      assertThat(contract.sub()).startsWith("spiffe://cluster.local/ns/bank/sa/key.");
      Secret secret = secret("billing-contract");
      assertThat(secret.getMetadata().getOwnerReferences().getFirst().getUid()).isEqualTo(cid);
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () ->
                  cluster.get("bank", "billing-may-transfer").getStatus() != null
                      && Integer.valueOf(1)
                          .equals(
                              cluster
                                  .get("bank", "billing-may-transfer")
                                  .getStatus()
                                  .getHolders()));

      // When: the key that signed it is revoked
      annotate("writ.dev/revoke-key", kid(contract("billing-contract")));
      // Then
      String before = contract("billing-contract");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !kid(before).equals(kid(contract("billing-contract"))));

      // When: it is suspended
      suspend(true);
      // Then
      await().atMost(Duration.ofSeconds(10)).until(() -> secret("billing-contract") == null);
      // When
      suspend(false);
      await().atMost(Duration.ofSeconds(10)).until(() -> contract("billing-contract") != null);

      // When: it is to appear elsewhere, where somebody else's Secret lies
      Secret foreign =
          new SecretBuilder()
              .withNewMetadata()
              .withNamespace("bank")
              .withName("taken")
              .endMetadata()
              .addToData("contract", "Zm9yZWlnbg==")
              .build();
      client.resource(foreign).create();
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"spec\":{\"source\":{\"contractSecretName\":\"taken\"}}}");
      // Then
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> "SecretNotOurs".equals(condition("ResolvedRefs").getReason()));
      assertThat(condition("Ready").getMessage()).contains("taken").contains("write another");
      assertThat(secret("taken").getData()).containsOnly(Map.entry("contract", "Zm9yZWlnbg=="));
      assertThat(secret("billing-contract")).isNull();

      // When: the stranger gives way
      client.secrets().inNamespace("bank").withName("taken").delete();
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"limits\":{\"calls\":1001}}}");
      await().atMost(Duration.ofSeconds(10)).until(() -> contract("taken") != null);

      // When: somebody edits the contract, and it ends
      client
          .resources(AgentCapability.class)
          .inNamespace("bank")
          .withName("billing-may-transfer")
          .delete();
      // Then
      await().atMost(Duration.ofSeconds(10)).until(() -> secret("taken") == null);
      assertThat(heard).isNotEmpty();
    }
  }

  private void suspend(boolean suspend) {
    client
        .resources(AgentCapability.class)
        .inNamespace("bank")
        .withName("billing-may-transfer")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":" + suspend + "}}");
  }

  private Secret secret(String name) {
    return client.secrets().inNamespace("bank").withName(name).get();
  }

  private String contract(String name) {
    Secret secret = secret(name);
    return secret == null
        ? null
        : new String(
            java.util.Base64.getDecoder().decode(secret.getData().get("contract")),
            java.nio.charset.StandardCharsets.UTF_8);
  }

  private void annotate(String name, String value) {
    client
        .secrets()
        .inNamespace("writ-system")
        .withName("writ-issuer-key")
        .edit(
            old ->
                new SecretBuilder(old)
                    .editMetadata()
                    .addToAnnotations(name, value)
                    .endMetadata()
                    .build());
  }

  private static void confirm(Sidecars sidecar, List<String> heard, String boot) throws Exception {
    await().until(() -> heard.stream().anyMatch(event -> event.startsWith("refresh ")));
    assertThat(sidecar.records(boot, epoch(heard.getLast()), List.of()).statusCode())
        .isEqualTo(200);
  }

  private static String kid(String jws) throws Exception {
    String header = jws.substring(0, jws.indexOf('.'));
    return new ObjectMapper()
        .readTree(java.util.Base64.getUrlDecoder().decode(header))
        .get("kid")
        .asText();
  }

  private static long epoch(String event) throws Exception {
    return new ObjectMapper()
        .readTree(event.substring(event.indexOf(' ') + 1))
        .get("epoch")
        .asLong();
  }

  private static RevocationList list(String event, TrustBundle trust) throws Exception {
    String jws =
        new ObjectMapper().readTree(event.substring(event.indexOf(' ') + 1)).path("list").asText();
    return RevocationList.parse(jws, trust, Ed25519.bouncyCastle());
  }

  private static String line(RecordChain chain, Entry entry) {
    RecordChain.Sealed sealed = chain.seal(entry);
    chain.stored(sealed);
    return sealed.line();
  }

  private String start(RecordChain chain) {
    return line(
        chain,
        new Entry.Start(Instant.now(), "bank/ledger-0", callee.getMetadata().getUid(), null, 0));
  }

  private static Entry.Call call(String cid, Entry.Decision decision, ErrorCode code, long used) {
    return new Entry.Call(
        Instant.now(),
        "bank/ledger-0",
        "spiffe://cluster.local/ns/bank/svc/ledger",
        decision,
        code,
        Entry.Mode.ENFORCE,
        "transfer",
        "POST",
        "/v1/transfers",
        List.of(
            new Entry.Link(
                "spiffe://cluster.local/ns/plan/sa/billing",
                cid,
                "00000000-0000-0000-0000-000000000001",
                "A".repeat(43))),
        null,
        null,
        List.of(new Entry.Count(cid, 1000, used)),
        "127.0.0.1:1",
        null,
        null,
        5);
  }

  private Condition condition(String type) {
    AgentCapability now = cluster.get("bank", "billing-may-transfer");
    if (now == null || now.getStatus() == null || now.getStatus().getConditions() == null) {
      return null;
    }
    return now.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElse(null);
  }

  private String calls() {
    AgentCapability now = cluster.get("bank", "billing-may-transfer");
    return now.getStatus() == null || now.getStatus().getCalls() == null
        ? null
        : now.getStatus().getCalls().getSummary();
  }
}
