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
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
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
    // Given
    MockCluster cluster = new MockCluster(server, client, data);
    OperatorProcess operator = oneOfSeveral(cluster);
    Sidecars apiServer = new Sidecars(operator.port(), cluster.ca(), "none");
    AtomicInteger pods = new AtomicInteger();
    List<HttpResponse<String>> before =
        List.of(apiServer.post("/admit/pods", review(pods.getAndIncrement())));
    // When it is told to end, while pods are created
    List<HttpResponse<String>> answers =
        whileItEnds(operator, () -> apiServer.post("/admit/pods", review(pods.getAndIncrement())));
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
    OperatorProcess operator = oneOfSeveral(cluster);
    Sidecars sidecar = new Sidecars(operator.port(), cluster.ca(), "none");
    await().until(() -> sidecar.get("/trust/jwks.json").statusCode() == 200);
    // When
    List<Integer> answers =
        whileItEnds(operator, () -> sidecar.get("/trust/jwks.json").statusCode());
    // Then
    assertThat(answers).isSubsetOf(200, 503).endsWith(503);
  }

  private static OperatorProcess oneOfSeveral(MockCluster cluster) throws Exception {
    cluster.pod("writ-system", "writ-operator-0", "writ-operator", 8443);
    return cluster.operator(Map.of("WRIT_POD_NAME", "writ-operator-0"));
  }

  /** What it answers from when it is told to end until it has. */
  private static <T> List<T> whileItEnds(OperatorProcess operator, Callable<T> ask)
      throws Exception {
    Thread end = Thread.ofPlatform().start(operator::close);
    List<T> answers = new ArrayList<>();
    while (end.isAlive()) {
      try {
        answers.add(ask.call());
      } catch (IOException e) {
        // It has closed; by then nobody is sent there.
        break;
      }
    }
    end.join();
    return answers;
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
