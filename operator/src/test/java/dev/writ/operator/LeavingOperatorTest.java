package dev.writ.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is replaced, as the API server sees it. */
@EnableKubernetesMockClient(crud = true)
class LeavingOperatorTest {
  KubernetesMockServer server;
  KubernetesClient client;
  @TempDir Path data;

  @Test
  void everyPodIsAnsweredWhileItLeavesAndNoConnectionIsKept() throws Exception {
    // Given one replica of several
    MockCluster cluster = new MockCluster(server, client, data);
    cluster.pod("writ-system", "writ-operator-0", "writ-operator", 8443);
    OperatorProcess operator = cluster.operator(Map.of("WRIT_POD_NAME", "writ-operator-0"));
    Sidecars apiServer = new Sidecars(operator.port(), cluster.ca(), "none");
    int pods = 0;
    List<HttpResponse<String>> before = List.of(apiServer.post("/admit/pods", review(pods++)));
    // When it is told to end, while pods are created
    Thread end = Thread.ofPlatform().start(operator::close);
    List<HttpResponse<String>> answers = new ArrayList<>();
    while (end.isAlive()) {
      try {
        answers.add(apiServer.post("/admit/pods", review(pods++)));
      } catch (IOException e) {
        // It has closed; by then nobody is sent there.
        break;
      }
    }
    end.join();
    // Then
    assertThat(before).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(200));
    assertThat(answers)
        .hasSizeGreaterThan(5)
        .allSatisfy(
            answer -> {
              assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
              assertThat(answer.body()).contains("\"allowed\":true");
            });
    assertThat(answers.subList(5, answers.size()))
        .allSatisfy(
            answer -> assertThat(answer.headers().allValues("connection")).contains("close"));
  }

  @Test
  void whoAsksALeaderThatLeavesIsSentToTheNext() throws Exception {
    // Given
    MockCluster cluster = new MockCluster(server, client, data);
    cluster.pod("writ-system", "writ-operator-0", "writ-operator", 8443);
    OperatorProcess operator = cluster.operator(Map.of("WRIT_POD_NAME", "writ-operator-0"));
    Sidecars sidecar = new Sidecars(operator.port(), cluster.ca(), "none");
    await().until(() -> sidecar.get("/trust/jwks.json").statusCode() == 200);
    // When
    Thread end = Thread.ofPlatform().start(operator::close);
    List<Integer> answers = new ArrayList<>();
    while (end.isAlive()) {
      try {
        answers.add(sidecar.get("/trust/jwks.json").statusCode());
      } catch (IOException e) {
        break;
      }
    }
    end.join();
    // Then
    assertThat(answers).isSubsetOf(200, 503).endsWith(503);
  }

  /** A pod of an owner and in a namespace that were not heard of: more follows than an answer. */
  private static String review(int number) {
    return """
    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
      "uid": "uid-%1$d", "kind": {"group": "", "version": "v1", "kind": "Pod"},
      "operation": "CREATE", "namespace": "ns-%1$d", "dryRun": false, "object": {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "agent-",
          "annotations": {"writ.dev/inject": "enabled"}, "ownerReferences": [{
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "agent-%1$d",
            "uid": "owner-%1$d", "controller": true}]},
        "spec": {"serviceAccountName": "agent", "containers": [{"name": "agent",
          "image": "agent:1", "ports": [{"containerPort": 8080}]}]}}}}
    """
        .formatted(number);
  }
}
