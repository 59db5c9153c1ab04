package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.Ed25519;
import dev.writ.operator.config.Configuration;
import dev.writ.operator.counting.LedgerScenario;
import dev.writ.v1alpha1.AgentCapability;
import io.fabric8.kubeapitest.junit.EnableKubeAPIServer;
import io.fabric8.kubeapitest.junit.KubeConfig;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator on a real API server: its schema, webhook calls, bound tokens, status and
 * finalizers.
 */
@EnabledIfEnvironmentVariable(named = "KUBE_API_TEST_DIR", matches = ".+")
@EnableKubeAPIServer
class OperatorIT {
  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: writ-system}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: plan}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: bank}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: billing, namespace: plan}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: ledger, namespace: bank}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: ledger, namespace: bank}
      spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: http}]}
      ---
      apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: {name: writ}
      webhooks:
      - name: pods.writ.dev
        admissionReviewVersions: [v1]
        sideEffects: None
        timeoutSeconds: 5
        failurePolicy: Fail
        reinvocationPolicy: IfNeeded
        clientConfig: {url: "https://127.0.0.1:PORT/admit/pods"}
        rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
        matchConditions:
        - {name: asks, expression: "has(object.metadata.annotations) && 'writ.dev/inject' in object.metadata.annotations"}
      """;
  private static final String CAPABILITY =
      """
      apiVersion: writ.dev/v1alpha1
      kind: AgentCapability
      metadata: {name: %s, namespace: bank}
      spec:
        source: {serviceAccount: {name: billing, namespace: plan}}
        targetRef: {kind: Service, name: ledger}
        actions:
        - name: transfer
          http: {methods: [POST], paths: [{type: Exact, value: /v1/transfers}]}
          arguments: [{pointer: /amount, minimum: 0, maximum: 500.5}, {pointer: /currency, values: [EUR, USD, 3, null]}]
        limits: {calls: 1000}
      """;

  @KubeConfig static String kubeConfig;
  @TempDir static Path data;
  private static KubernetesClient client;
  private static OperatorProcess operator;

  @BeforeAll
  static void start() throws Exception {
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeConfig)).build();
    for (String crd : List.of("agentcapabilities", "callledgers")) {
      client
          .load(
              OperatorIT.class.getResourceAsStream("/META-INF/fabric8/" + crd + ".writ.dev-v1.yml"))
          .create();
    }
    int port = freePort();
    for (HasMetadata resource :
        client
            .load(
                new ByteArrayInputStream(
                    CLUSTER.replace("PORT", String.valueOf(port)).getBytes(StandardCharsets.UTF_8)))
            .items()) {
      client.resource(resource).create();
    }
    await()
        .ignoreExceptions()
        .until(() -> client.resources(AgentCapability.class).inAnyNamespace().list() != null);
    operator =
        OperatorProcess.start(
            Configuration.of(
                Map.of(
                    "WRIT_NAMESPACE", "writ-system",
                    "WRIT_LISTEN", "127.0.0.1:" + port,
                    "WRIT_ADMIN", "127.0.0.1:0",
                    "WRIT_DATA_DIR", data.toString(),
                    "WRIT_SERVING_NAMES", "127.0.0.1",
                    "WRIT_SIDECAR_IMAGE", "writ/sidecar:test")),
            client,
            Clock.systemUTC(),
            () -> {});
    await()
        .until(
            () ->
                client
                        .admissionRegistration()
                        .v1()
                        .mutatingWebhookConfigurations()
                        .withName("writ")
                        .get()
                        .getWebhooks()
                        .getFirst()
                        .getClientConfig()
                        .getCaBundle()
                    != null);
  }

  @AfterAll
  static void stop() {
    if (operator != null) {
      operator.close();
    }
    if (client != null) {
      client.close();
    }
  }

  @Test
  void theApiServerInjectsAndASecondPassOverTheDefaultedPodChangesNothing() {
    // When
    Pod pod = created(pod("plan", "billing-a", "billing"));
    // Then
    assertThat(pod.getSpec().getInitContainers().getFirst().getName()).isEqualTo("writ-sidecar");
    assertThat(pod.getSpec().getInitContainers().getFirst().getRestartPolicy()).isEqualTo("Always");
    assertThat(pod.getMetadata().getLabels()).containsEntry("writ.dev/injected", "true");
    // When: the same pod, as the API server completed it, comes once more
    Pod again =
        new PodBuilder(pod)
            .withNewMetadata()
            .withNamespace("plan")
            .withName("billing-b")
            .withLabels(pod.getMetadata().getLabels())
            .withAnnotations(pod.getMetadata().getAnnotations())
            .endMetadata()
            .withStatus(null)
            .build();
    Pod second = client.resource(again).create();
    // Then
    assertThat(second.getSpec().getInitContainers()).isEqualTo(pod.getSpec().getInitContainers());
    assertThat(second.getSpec().getVolumes()).isEqualTo(pod.getSpec().getVolumes());
    await()
        .until(() -> client.configMaps().inNamespace("plan").withName("writ-trust").get() != null);
    // And: a forged one is refused with the reason
    Pod forged = new PodBuilder(again).editMetadata().withName("billing-c").endMetadata().build();
    forged.getSpec().getInitContainers().getFirst().setImage("evil");
    assertThatThrownBy(() -> client.resource(forged).create())
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("image differs");
  }

  @Test
  void aContainerThatAnotherWebhookAddsBetweenTwoPassesIsGuardedToo() throws Exception {
    // Given: one that the API server calls after ours, because of its name
    try (LateWebhook late = LateWebhook.start()) {
      client.resource(late.configuration()).create();
      Pod asked =
          new PodBuilder(pod("plan", "billing-late", "billing"))
              .editMetadata()
              .addToAnnotations("late.example/add", "yes")
              .endMetadata()
              .build();
      // When: it takes some seconds until a webhook is called
      Pod pod =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () -> client.resource(asked).dryRun().create(),
                  made -> made.getSpec().getContainers().size() == 2);
      // Then
      Container sidecar = pod.getSpec().getInitContainers().getFirst();
      Container added = pod.getSpec().getContainers().get(1);
      assertThat(added.getName()).isEqualTo("late");
      assertThat(variables(sidecar)).containsEntry("WRIT_PORTS", "8080,9999");
      assertThat(variables(added)).containsKey("HTTP_PROXY");
      assertThat(added.getReadinessProbe().getHttpGet().getPort().getIntVal()).isNotEqualTo(9999);
      assertThat(variables(sidecar).get("WRIT_PROBES")).contains("9999", "/late");
      assertThat(pod.getSpec().getInitContainers()).hasSize(1);
    }
  }

  private static Map<String, String> variables(Container container) {
    return container.getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  @Test
  void anInjectedPodIsLetInWhereAQuotaWantsRequestsAndLimitsOfEveryContainer() {
    // Given: where no controller runs, what is used is said here
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName("quota").endMetadata().build())
        .create();
    client
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace("quota")
                .withName("billing")
                .endMetadata()
                .build())
        .create();
    Map<String, Quantity> hard = quantities("10", "10Gi");
    ResourceQuota quota =
        client
            .resource(
                new ResourceQuotaBuilder()
                    .withNewMetadata()
                    .withNamespace("quota")
                    .withName("all")
                    .endMetadata()
                    .withNewSpec()
                    .withHard(hard)
                    .endSpec()
                    .build())
            .create();
    client
        .resource(
            new ResourceQuotaBuilder(quota)
                .withNewStatus()
                .withHard(hard)
                .withUsed(quantities("0", "0"))
                .endStatus()
                .build())
        .updateStatus();
    for (String capture : List.of("redirect", "loopback")) {
      Pod asks =
          new PodBuilder(pod("quota", "billing-" + capture, "billing"))
              .editMetadata()
              .addToAnnotations("writ.dev/capture", capture)
              .endMetadata()
              .build();
      // Then: who leaves them out is refused
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> client.resource(asks).dryRun().create())
                      .hasMessageContaining("must specify")
                      .hasMessageContaining("for: app")
                      .hasMessageNotContaining("writ-"));
      // When: the app says them
      Pod pod =
          created(
              new PodBuilder(asks)
                  .editSpec()
                  .editFirstContainer()
                  .withNewResources()
                  .withRequests(Map.of("cpu", new Quantity("1"), "memory", new Quantity("1Gi")))
                  .withLimits(Map.of("cpu", new Quantity("1"), "memory", new Quantity("1Gi")))
                  .endResources()
                  .endContainer()
                  .endSpec()
                  .build());
      // Then
      assertThat(pod.getMetadata().getLabels()).containsEntry("writ.dev/injected", "true");
    }
  }

  private static Map<String, Quantity> quantities(String cpu, String memory) {
    return Map.of(
        "requests.cpu", new Quantity(cpu),
        "limits.cpu", new Quantity(cpu),
        "requests.memory", new Quantity(memory),
        "limits.memory", new Quantity(memory));
  }

  @Test
  void boundTokensEnrolAndACapabilityLivesChangesAndEnds() throws Exception {
    // Given
    Pod caller = created(pod("plan", "billing-0", "billing"));
    Pod callee = created(pod("bank", "ledger-0", "ledger"));
    Sidecars billing = sidecar(caller, "writ.dev");
    Sidecars ledger = sidecar(callee, "writ.dev");
    ledger.enrol();
    List<String> heard = ledger.events();
    AgentCapability made =
        client
            .resource(
                Serialization.unmarshal(
                    CAPABILITY.formatted("billing-may-transfer"), AgentCapability.class))
            .create();
    String cid = made.getMetadata().getUid();

    // When
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> billing.enrol().get("contracts").size() == 1);

    // Then: once the gate has confirmed what it heard
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              confirm(ledger, heard);
              assertThat(get().getStatus().getConditions())
                  .filteredOn(condition -> condition.getType().equals("Ready"))
                  .extracting(Condition::getReason, Condition::getMessage)
                  .containsExactly(tuple("Active", ready().getMessage()));
            });
    JsonNode answer = billing.enrol();
    TrustBundle trust = TrustBundle.parse(answer.get("trust").toString());
    RootContract contract = contract(answer, trust);
    assertThat(contract.cid()).isEqualTo(cid);
    assertThat(contract.limits().calls()).isEqualTo(1000);
    assertThat(contract.rules().getFirst().arguments()).hasSize(2);
    AgentCapability stored = get();
    assertThat(stored.getMetadata().getFinalizers()).containsExactly("writ.dev/revoke");
    assertThat(stored.getStatus().getConditions())
        .extracting(Condition::getType)
        .containsExactly("Accepted", "ResolvedRefs", "Programmed", "Ready");
    assertThat(stored.getStatus().getObservedGeneration()).isEqualTo(1);

    // When: the limit changes
    patch("{\"spec\":{\"limits\":{\"calls\":1001}}}");
    // Then: within two seconds, the old generation is dead and a new contract is there
    await().atMost(Duration.ofSeconds(2)).until(() -> last(heard, trust).gens().containsKey(cid));
    assertThat(contract(billing.enrol(), trust).limits().calls()).isEqualTo(1001);

    // When: it is suspended, and not any more
    patch("{\"spec\":{\"suspend\":true}}");
    await().atMost(Duration.ofSeconds(2)).until(() -> last(heard, trust).cids().contains(cid));
    assertThat(billing.enrol().get("contracts")).isEmpty();
    await().atMost(Duration.ofSeconds(5)).until(() -> "Suspended".equals(ready().getReason()));
    patch("{\"spec\":{\"suspend\":false}}");
    await().atMost(Duration.ofSeconds(2)).until(() -> !last(heard, trust).cids().contains(cid));
    await().atMost(Duration.ofSeconds(5)).until(() -> billing.enrol().get("contracts").size() == 1);

    // When: it is deleted
    client
        .resources(AgentCapability.class)
        .inNamespace("bank")
        .withName("billing-may-transfer")
        .delete();
    // Then
    await().atMost(Duration.ofSeconds(2)).until(() -> last(heard, trust).cids().contains(cid));
    await().atMost(Duration.ofSeconds(5)).until(() -> get() == null);
    assertThat(billing.enrol().get("contracts")).isEmpty();
  }

  @Test
  void tokensOfOthersEnrolNobody() throws Exception {
    // Given
    Pod caller = created(pod("plan", "billing-1", "billing"));
    Pod bare =
        created(
            new PodBuilder(pod("plan", "bare", "billing"))
                .editMetadata()
                .removeFromAnnotations("writ.dev/inject")
                .addToLabels("writ.dev/injected", "true")
                .endMetadata()
                .build());
    // Then: another audience, an unbound token, a pod that was never injected, a pod that is gone
    assertThat(enrolStatus(caller, "https://kubernetes.default.svc")).isEqualTo(401);
    String unbound =
        client
            .serviceAccounts()
            .inNamespace("plan")
            .withName("billing")
            .tokenRequest(
                new TokenRequestBuilder().withNewSpec().withAudiences("writ.dev").endSpec().build())
            .getStatus()
            .getToken();
    assertThat(new Sidecars(operator.port(), ca(), unbound).enrol(unbound).statusCode())
        .isEqualTo(401);
    assertThat(enrolStatus(bare, "writ.dev")).isEqualTo(403);
    String token = token(caller, "writ.dev");
    Sidecars billing = new Sidecars(operator.port(), ca(), token);
    assertThat(billing.enrol(token).statusCode()).isEqualTo(200);
    client.pods().inNamespace("plan").withName("billing-1").withGracePeriod(0).delete();
    await().atMost(Duration.ofSeconds(5)).until(() -> billing.enrol(token).statusCode() == 403);
  }

  @Test
  void everyChangeOfALedgerIsACompareAndSwap() throws Exception {
    // Given
    AgentCapability owner =
        client
            .resource(
                Serialization.unmarshal(CAPABILITY.formatted("counted"), AgentCapability.class))
            .create();
    // When, Then
    LedgerScenario.play(client, owner.getMetadata().getUid(), "bank", "counted");
    client.resources(AgentCapability.class).inNamespace("bank").withName("counted").delete();
  }

  @Test
  void aSpecThatNoCallCouldSatisfyIsRefusedWithWhatToWriteInstead() {
    // When
    client
        .resource(
            Serialization.unmarshal(
                CAPABILITY
                    .formatted("rated")
                    .replace("methods: [POST]", "methods: [POST], upgrade: websocket")
                    .replaceAll("(?m)^ *arguments:.*\n", ""),
                AgentCapability.class))
        .create();
    // Then
    await()
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              AgentCapability rated =
                  client
                      .resources(AgentCapability.class)
                      .inNamespace("bank")
                      .withName("rated")
                      .get();
              assertThat(rated.getStatus().getConditions())
                  .extracting(Condition::getStatus)
                  .containsExactly("False", "Unknown", "Unknown", "False");
              assertThat(rated.getStatus().getConditions().getFirst().getMessage())
                  .startsWith("spec.actions[0] never matches")
                  .contains("add GET to methods");
            });
    client.resources(AgentCapability.class).inNamespace("bank").withName("rated").delete();
  }

  private static Pod pod(String namespace, String name, String app) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .addToLabels("app", app)
        .addToAnnotations("writ.dev/inject", "enabled")
        .addToAnnotations("writ.dev/capture", "loopback")
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(app)
        .addNewContainer()
        .withName("app")
        .withImage("app:1")
        .addNewPort()
        .withName("http")
        .withContainerPort(8080)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }

  private static Pod created(Pod pod) {
    return client.resource(pod).create();
  }

  private static int enrolStatus(Pod pod, String audience) throws Exception {
    String token = token(pod, audience);
    return new Sidecars(operator.port(), ca(), token).enrol(token).statusCode();
  }

  private static Sidecars sidecar(Pod pod, String audience) throws Exception {
    return new Sidecars(operator.port(), ca(), token(pod, audience));
  }

  private static String token(Pod pod, String audience) {
    return client
        .serviceAccounts()
        .inNamespace(pod.getMetadata().getNamespace())
        .withName(pod.getSpec().getServiceAccountName())
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(audience)
                .withExpirationSeconds(3600L)
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endBoundObjectRef()
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  private static String ca() {
    return await()
        .until(
            () -> client.configMaps().inNamespace("writ-system").withName("writ-trust").get(),
            map -> map != null)
        .getData()
        .get("ca.crt");
  }

  private static void confirm(Sidecars gate, List<String> heard) throws Exception {
    long epoch = 0;
    for (String event : List.copyOf(heard)) {
      epoch =
          Math.max(
              epoch,
              new ObjectMapper()
                  .readTree(event.substring(event.indexOf(' ') + 1))
                  .get("epoch")
                  .asLong());
    }
    assertThat(gate.records("00000000000000bb", epoch, List.of()).statusCode()).isEqualTo(200);
  }

  private static RootContract contract(JsonNode answer, TrustBundle trust) throws Exception {
    return RootContract.parse(answer.at("/contracts/0").asText(), trust, Ed25519.bouncyCastle());
  }

  private static RevocationList last(List<String> heard, TrustBundle trust) throws Exception {
    List<String> lists =
        List.copyOf(heard).stream().filter(event -> event.startsWith("revocations ")).toList();
    String event = lists.getLast();
    return RevocationList.parse(
        new ObjectMapper().readTree(event.substring(event.indexOf(' ') + 1)).get("list").asText(),
        trust,
        Ed25519.bouncyCastle());
  }

  private static void patch(String merge) {
    client
        .resources(AgentCapability.class)
        .inNamespace("bank")
        .withName("billing-may-transfer")
        .patch(PatchContext.of(PatchType.JSON_MERGE), merge);
  }

  private static AgentCapability get() {
    return client
        .resources(AgentCapability.class)
        .inNamespace("bank")
        .withName("billing-may-transfer")
        .get();
  }

  private static Condition ready() {
    AgentCapability now = get();
    return now == null || now.getStatus() == null || now.getStatus().getConditions() == null
        ? new Condition()
        : now.getStatus().getConditions().getLast();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
