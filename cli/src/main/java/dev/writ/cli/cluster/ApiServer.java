package dev.writ.cli.cluster;

import dev.writ.contract.Names;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The API server of the demo: Fabric8's mock, which stores, lists, watches and patches. It has no
 * table output, no admission and no schemas; what Writ does with those is tested on a real one.
 */
final class ApiServer implements AutoCloseable {
  private static final int PORT = 16443;

  private final KubernetesMockServer server;
  private final KubernetesClient client;
  private final String url;

  private ApiServer(KubernetesMockServer server, KubernetesClient client, String url) {
    this.server = server;
    this.client = client;
    this.url = url;
  }

  static ApiServer start(Loopback loopback, ServiceAccountTokens tokens) throws IOException {
    Map<ServerRequest, Queue<ServerResponse>> responses = new ConcurrentHashMap<>();
    var dispatcher =
        new KubernetesMixedDispatcher(
            responses,
            List.of(
                custom("agentcapabilities", "AgentCapability"),
                custom("callledgers", "CallLedger")));
    var server =
        new KubernetesMockServer(new Context(), new MockWebServer(), responses, dispatcher, false);
    server
        .expect()
        .post()
        .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
        .andReply(201, request -> tokens.review(request.getUtf8Body()))
        .always();
    server
        .expect()
        .post()
        .withPath("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")
        .andReply(201, request -> everythingAllowed())
        .always();
    server.init(InetAddress.getByName(loopback.apiServer()), PORT);
    return new ApiServer(
        server, server.createClient(), "http://" + loopback.apiServer() + ":" + PORT);
  }

  private static Map<String, Object> everythingAllowed() {
    var every = List.of("*");
    return Map.of(
        "apiVersion",
        "authorization.k8s.io/v1",
        "kind",
        "SelfSubjectRulesReview",
        "status",
        Map.of(
            "incomplete",
            false,
            "nonResourceRules",
            List.of(),
            "resourceRules",
            List.of(Map.of("apiGroups", every, "resources", every, "verbs", every))));
  }

  private static CustomResourceDefinitionContext custom(String plural, String kind) {
    return new CustomResourceDefinitionContext.Builder()
        .withGroup(Names.GROUP)
        .withVersion(Names.VERSION)
        .withPlural(plural)
        .withKind(kind)
        .withName(plural + "." + Names.GROUP)
        .withScope("Namespaced")
        .withStatusSubresource(true)
        .build();
  }

  KubernetesClient client() {
    return client;
  }

  String url() {
    return url;
  }

  /** Writes a kubeconfig that reaches this server; there is no credential in it. */
  void writeKubeconfig(Path file) throws IOException {
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: writ-demo, cluster: {server: "%s"}}]
        contexts: [{name: writ-demo, context: {cluster: writ-demo, user: nobody}}]
        current-context: writ-demo
        users: [{name: nobody, user: {}}]
        """
            .formatted(url));
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
