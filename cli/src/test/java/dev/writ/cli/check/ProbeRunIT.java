package dev.writ.cli.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.writ.contract.scan.PortSet;
import dev.writ.contract.scan.ScanOrder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever becomes of a probing pod, it is taken away. */
class ProbeRunIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PODS = "/api/v1/namespaces/writ-system/pods";
  private static final String REPORT =
      "{\"writScan\":\"10.0.0.7\",\"open\":\"8080\",\"refused\":1,\"silent\":65533,\"unsure\":0,"
          + "\"answers\":{\"8080\":\"gate\"}}";
  private static final Pod WANTED =
      ProbePod.of(
          Serialization.unmarshal(
              """
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: writ-operator, namespace: writ-system, uid: d-1}
              spec: {template: {spec: {containers: [{name: operator}]}}}
              """,
              Deployment.class),
          "w:2",
          "writ-probe-1",
          new ScanOrder(List.of("10.0.0.7"), PortSet.of(List.of(8080)), PortSet.NONE, 500));

  /** The client's answers arrive by the common pool: who blocks that waits for ever. */
  private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);

  private KubernetesMockServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws Exception {
    Map<ServerRequest, Queue<ServerResponse>> responses = new ConcurrentHashMap<>();
    server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            responses,
            new KubernetesMixedDispatcher(responses, List.of()),
            false);
    server.init(InetAddress.getByName("127.0.7.4"), 0);
    client = server.createClient();
  }

  @AfterEach
  void stop() {
    client.close();
    server.destroy();
  }

  private Pod there() {
    return client.pods().inNamespace("writ-system").withName("writ-probe-1").get();
  }

  /** What a kubelet makes of it, as soon as it is there. */
  private CompletableFuture<Void> kubelet(String status) {
    return CompletableFuture.runAsync(
        () -> {
          await().atMost(PATIENCE).until(() -> there() != null);
          Pod pod = there();
          pod.setStatus(Serialization.unmarshal(status, PodStatus.class));
          client.resource(pod).updateStatus();
        },
        THREADS);
  }

  private ProbeRun.Result run(int seconds) throws InterruptedException {
    try (ProbeRun run = new ProbeRun(client, WANTED, seconds)) {
      return run.result();
    }
  }

  @Test
  void whatItFoundIsReadAndItIsGone() throws Exception {
    // Given
    server
        .expect()
        .get()
        .withPath(PODS + "/writ-probe-1/log?pretty=false&container=scan&limitBytes=1048576")
        .andReturn(200, "a line of the runtime\n" + REPORT + "\n")
        .always();
    CompletableFuture<Void> kubelet = kubelet("phase: Succeeded");
    // When
    ProbeRun.Result result = run(60);
    kubelet.join();
    // Then
    assertThat(result).isInstanceOf(ProbeRun.Result.Reports.class);
    assertThat(((ProbeRun.Result.Reports) result).reports().getFirst().json()).isEqualTo(REPORT);
    assertThat(there()).isNull();
  }

  @Test
  void anImageThatCannotBePulledEndsItEarly() throws Exception {
    // Given
    CompletableFuture<Void> kubelet =
        kubelet(
            "phase: Pending\ncontainerStatuses: [{name: scan, state: {waiting: {reason:"
                + " ImagePullBackOff, message: no such image}}}]");
    // When
    ProbeRun.Result result = run(600);
    kubelet.join();
    // Then
    assertThat(result)
        .isEqualTo(
            new ProbeRun.Result.Nothing(
                "the kubelet can't start it, ImagePullBackOff: no such image"));
    assertThat(there()).isNull();
  }

  @Test
  void oneThatNeverEndsIsGivenUp() throws Exception {
    // Given
    CompletableFuture<Void> kubelet = kubelet("phase: Running");
    // When
    ProbeRun.Result result = run(1);
    kubelet.join();
    // Then
    assertThat(result).isEqualTo(new ProbeRun.Result.Nothing("it did not end within 1 s"));
    assertThat(there()).isNull();
  }

  @Test
  void aLogThatIsNoReportOfOursIsNoResult() throws Exception {
    // Given
    server
        .expect()
        .get()
        .withPath(PODS + "/writ-probe-1/log?pretty=false&container=scan&limitBytes=1048576")
        .andReturn(200, REPORT.replace("gate", "fence"))
        .always();
    CompletableFuture<Void> kubelet = kubelet("phase: Succeeded");
    // When
    ProbeRun.Result result = run(60);
    kubelet.join();
    // Then
    assertThat(result)
        .isInstanceOfSatisfying(
            ProbeRun.Result.Nothing.class,
            nothing -> assertThat(nothing.why()).contains("are operator and writ of one version"));
  }

  @Test
  void whoMayNotMakeItIsTold() throws Exception {
    // Given
    server
        .expect()
        .post()
        .withPath(PODS)
        .andReturn(
            403,
            new StatusBuilder()
                .withCode(403)
                .withReason("Forbidden")
                .withMessage("pods is forbidden: you may not create it")
                .build())
        .always();
    ProbeRun run = new ProbeRun(client, WANTED, 60);
    // When
    ProbeRun.Result result = run.result();
    // Then
    assertThat(result)
        .isEqualTo(
            new ProbeRun.Result.Nothing(
                "it could not be made: pods is forbidden: you may not create it"));
    assertThat(run.gone()).isTrue();
  }

  @Test
  void whoIsInterruptedTakesItAway() throws Exception {
    // Given
    CompletableFuture<Void> kubelet = kubelet("phase: Running");
    ProbeRun run = new ProbeRun(client, WANTED, 600);
    CompletableFuture<ProbeRun.Result> result =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return run.result();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            THREADS);
    kubelet.join();
    // When: as a hook of the ending process does
    run.remove();
    // Then
    assertThat(run.gone()).isTrue();
    assertThat(result.join()).isEqualTo(new ProbeRun.Result.Nothing("somebody removed it"));
  }

  @Test
  void whatIsClosedBeforeIsNeverMade() throws Exception {
    // Given
    ProbeRun run = new ProbeRun(client, WANTED, 600);
    run.remove();
    // When
    ProbeRun.Result result = run.result();
    // Then
    assertThat(result).isEqualTo(new ProbeRun.Result.Nothing("it could not be made: interrupted"));
    assertThat(there()).isNull();
  }
}
