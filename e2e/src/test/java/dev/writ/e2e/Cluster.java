package dev.writ.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A real API server, the operator as a process, and sidecars as processes that stand for their
 * pods.
 */
final class Cluster implements AutoCloseable {
  static final String SYSTEM = "writ-system";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Billing of plan, who calls, and the ledger of bank, whose pods serve port 8080. */
  private static final String BANK =
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
      spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: 8080}]}
      """;

  final KubernetesClient client;
  final Programs programs;
  private final Path folder;
  private final Path data;
  private final Path kubeConfig;
  private final int port = Programs.freePort();
  private final int admin = Programs.freePort();
  private Process operator;

  /** One API server goes with one folder of {@code data}: the operator refuses another. */
  Cluster(String kubeConfig, Path folder, Path data, Programs programs) throws Exception {
    this.folder = folder;
    this.data = data;
    this.programs = programs;
    this.kubeConfig = Files.writeString(folder.resolve("kubeconfig"), kubeConfig);
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeConfig)).build();
    for (String crd : new String[] {"agentcapabilities", "callledgers"}) {
      apply(
          Files.readString(
              Programs.ROOT.resolve(
                  "crds/src/main/resources/META-INF/fabric8/" + crd + ".writ.dev-v1.yml")));
    }
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                client
                        .genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability")
                        .inAnyNamespace()
                        .list()
                    != null);
    apply(BANK);
  }

  void apply(String yaml) {
    for (HasMetadata one :
        client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items()) {
      client.resource(one).createOr(present -> present.update());
    }
  }

  int operatorPort() {
    return port;
  }

  void startOperator() throws Exception {
    startOperator(Map.of());
  }

  /** With further variables. */
  void startOperator(Map<String, String> more) throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("KUBECONFIG", kubeConfig.toString());
    environment.put("WRIT_NAMESPACE", SYSTEM);
    environment.put("WRIT_LISTEN", "127.0.0.1:" + port);
    environment.put("WRIT_ADMIN", "127.0.0.1:" + admin);
    environment.put("WRIT_DATA_DIR", data.toString());
    environment.put("WRIT_SERVING_NAMES", "127.0.0.1");
    environment.put("WRIT_SIDECAR_IMAGE", "writ/sidecar:test");
    environment.put("WRIT_OPERATOR_URL", "https://127.0.0.1:" + port);
    operator = programs.operator("operator", environment);
    programs.awaitReady("operator", operator, "http://127.0.0.1:" + admin + "/readyz");
  }

  /** SIGKILL. */
  void killOperator() throws InterruptedException {
    operator.destroyForcibly().waitFor();
  }

  Programs.Result writ(String... args) throws Exception {
    return programs.writ(Map.of("KUBECONFIG", kubeConfig.toString()), args);
  }

  /** A pod as the webhook would have left it; nothing runs in it. */
  Pod pod(String namespace, String name, String app, int containerPort) {
    return client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels("app", app)
                .addToLabels("writ.dev/injected", "true")
                .addToAnnotations("writ.dev/inject", "enabled")
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(app)
                .addNewInitContainer()
                .withName("writ-sidecar")
                .withImage("writ/sidecar:test")
                .withRestartPolicy("Always")
                .endInitContainer()
                .addNewContainer()
                .withName("app")
                .withImage("app:test")
                .addNewPort()
                .withContainerPort(containerPort)
                .endPort()
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  /** What every sidecar of a pod is told; the caller adds what it guards or calls. */
  Map<String, String> sidecarEnvironment(Pod pod, int operatorPort, int adminPort)
      throws IOException {
    String name = pod.getMetadata().getName();
    String token =
        client
            .serviceAccounts()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getSpec().getServiceAccountName())
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withAudiences("writ.dev")
                    .withExpirationSeconds(3600L)
                    .withNewBoundObjectRef()
                    .withApiVersion("v1")
                    .withKind("Pod")
                    .withName(name)
                    .withUid(pod.getMetadata().getUid())
                    .endBoundObjectRef()
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    String ca =
        await()
            .atMost(PATIENCE)
            .until(
                () -> client.configMaps().inNamespace(SYSTEM).withName("writ-trust").get(),
                map -> map != null)
            .getData()
            .get("ca.crt");
    Map<String, String> environment = new HashMap<>();
    environment.put("WRIT_MODE", "cluster");
    environment.put("WRIT_OPERATOR", "https://127.0.0.1:" + operatorPort);
    environment.put(
        "WRIT_TOKEN_FILE", Files.writeString(folder.resolve(name + ".token"), token).toString());
    environment.put(
        "WRIT_CA_FILE", Files.writeString(folder.resolve(name + ".pem"), ca).toString());
    environment.put("WRIT_POD_NAMESPACE", pod.getMetadata().getNamespace());
    environment.put("WRIT_POD_NAME", name);
    environment.put("WRIT_POD_UID", pod.getMetadata().getUid());
    environment.put("WRIT_STATE_DIR", folder.resolve(name + ".state").toString());
    environment.put("WRIT_ADMIN", "127.0.0.1:" + adminPort);
    return environment;
  }

  /** A capability of bank as it is now. */
  JsonNode capability(String name) {
    GenericKubernetesResource found =
        client
            .genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability")
            .inNamespace("bank")
            .withName(name)
            .get();
    return JSON.valueToTree(found);
  }

  /** The reason of its condition Ready; empty before there is one. */
  String ready(String name) {
    for (JsonNode condition : capability(name).at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("reason").asText();
      }
    }
    return "";
  }

  /** Removes capabilities and pods; the operator still runs, and lets them go. */
  void clear() {
    var capabilities = client.genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability");
    capabilities.inNamespace("bank").delete();
    client.pods().inNamespace("bank").withGracePeriod(0).delete();
    client.pods().inNamespace("plan").withGracePeriod(0).delete();
    await()
        .atMost(PATIENCE)
        .until(() -> capabilities.inNamespace("bank").list().getItems().isEmpty());
  }

  @Override
  public void close() {
    client.close();
  }
}
