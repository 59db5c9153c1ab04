package dev.writ.operator;

import dev.writ.contract.Base64Url;
import dev.writ.operator.config.Configuration;
import dev.writ.v1alpha1.AgentCapability;
import dev.writ.v1alpha1.CallLedger;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What stands in the mock API server, and an operator that runs on it. */
final class MockCluster {
  static final long FAR = 4_000_000_000L;
  final KubernetesMockServer server;
  final KubernetesClient client;
  private final Path data;

  MockCluster(KubernetesMockServer server, KubernetesClient client, Path data) {
    this.server = server;
    this.client = client;
    this.data = data;
    server.expectCustomResource(
        CustomResourceDefinitionContext.fromCustomResourceType(AgentCapability.class));
    server.expectCustomResource(
        CustomResourceDefinitionContext.fromCustomResourceType(CallLedger.class));
  }

  OperatorProcess operator() throws Exception {
    return operator(Map.of());
  }

  /** With further variables. */
  OperatorProcess operator(Map<String, String> more) throws Exception {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("WRIT_NAMESPACE", "writ-system");
    environment.put("WRIT_LISTEN", "127.0.0.1:0");
    environment.put("WRIT_ADMIN", "127.0.0.1:0");
    environment.put("WRIT_DATA_DIR", data.toString());
    environment.put("WRIT_SERVING_NAMES", "127.0.0.1");
    environment.put("WRIT_SIDECAR_IMAGE", "writ/sidecar:test");
    return OperatorProcess.start(
        Configuration.of(environment), client, Clock.systemUTC(), () -> {});
  }

  String ca() {
    return org.awaitility.Awaitility.await()
        .until(
            () -> client.configMaps().inNamespace("writ-system").withName("writ-trust").get(),
            map -> map != null)
        .getData()
        .get("ca.crt");
  }

  void serviceAccount(String namespace, String name) {
    client
        .resource(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .build())
        .create();
  }

  void service(String namespace, String name, int port) {
    client
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", name)
                .addNewPort()
                .withPort(80)
                .withNewTargetPort(port)
                .endPort()
                .endSpec()
                .build())
        .create();
  }

  Pod pod(String namespace, String name, String app, int port) {
    return client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withUid(UUID.randomUUID().toString())
                .addToLabels("app", app)
                .addToLabels("writ.dev/injected", "true")
                .addToAnnotations("writ.dev/inject", "enabled")
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(app)
                .addNewInitContainer()
                .withName("writ-sidecar")
                .withRestartPolicy("Always")
                .endInitContainer()
                .addNewContainer()
                .withName("app")
                .addNewPort()
                .withContainerPort(port)
                .endPort()
                .endContainer()
                .endSpec()
                .build())
        .create();
  }

  AgentCapability capability(String yaml) {
    return client.resource(Serialization.unmarshal(yaml, AgentCapability.class)).create();
  }

  AgentCapability get(String namespace, String name) {
    return client.resources(AgentCapability.class).inNamespace(namespace).withName(name).get();
  }

  /**
   * A token as the API server would make it; every TokenReview from now on says that it is this
   * pod's.
   */
  String token(Pod pod) {
    String claims = "{\"exp\":" + FAR + ",\"pod\":\"" + pod.getMetadata().getUid() + "\"}";
    String token = "e30." + Base64Url.encode(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
    review(pod, true, List.of("writ.dev"));
    return token;
  }

  void review(Pod pod, boolean authenticated, List<String> audiences) {
    server
        .expect()
        .post()
        .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
        .andReturn(
            201,
            new TokenReviewBuilder()
                .withNewStatus()
                .withAuthenticated(authenticated)
                .withAudiences(audiences)
                .withNewUser()
                .withUsername(
                    "system:serviceaccount:"
                        + pod.getMetadata().getNamespace()
                        + ":"
                        + pod.getSpec().getServiceAccountName())
                .addToExtra(
                    "authentication.kubernetes.io/pod-name", List.of(pod.getMetadata().getName()))
                .addToExtra(
                    "authentication.kubernetes.io/pod-uid", List.of(pod.getMetadata().getUid()))
                .endUser()
                .endStatus()
                .build())
        .once();
  }
}
