package dev.writ.cli.demo;

import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen.Tone;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Fifty short-lived agents of one job, all alive until the contract of the job ends. */
final class BatchStory implements AutoCloseable {
  private static final int AGENTS = 50;
  private static final int STARTERS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String NAMESPACE = "data";
  private static final String CAPABILITY = "nightly-report-may-read";

  private final Stage stage;
  private final ExecutorService starters = Executors.newFixedThreadPool(STARTERS);
  private final AtomicInteger started = new AtomicInteger();
  private final List<Future<RunningPod>> starting = new ArrayList<>();

  BatchStory(Stage stage) {
    this.stage = stage;
  }

  /** Begins to start the agents, which takes a while and goes on beside the other stories. */
  void prepare() {
    Future<?> prepared = starters.submit(this::warehouse);
    for (int number = 1; number <= AGENTS; number++) {
      int index = number;
      starting.add(
          starters.submit(
              () -> {
                prepared.get();
                return start(index);
              }));
    }
  }

  private @Nullable Void warehouse() throws IOException, StoryFailure, InterruptedException {
    stage.apply(
        "batch/00-namespaces.yaml",
        "batch/warehouse.yaml",
        "batch/job.yaml",
        "batch/capability.yaml");
    stage.cluster().startPod(NAMESPACE, "warehouse", 1);
    stage.awaitReady(NAMESPACE, CAPABILITY);
    train();
    return null;
  }

  /**
   * The first run makes the AOT caches with a pod of its own; they halve the start of the fifty.
   */
  private void train() throws IOException, StoryFailure, InterruptedException {
    if (stage.cluster().needsTraining()) {
      stage.apply("rehearsal/rehearsal.yaml");
      RunningPod pod = stage.cluster().startTrainingPod("rehearsal", "rehearsal", 0);
      stage.awaitLine(pod, "rehearsed", PATIENCE);
      stage.cluster().complete(pod);
    }
  }

  private RunningPod start(int number) throws IOException, InterruptedException {
    RunningPod pod = stage.cluster().startPod("batch", "nightly-report", number);
    started.incrementAndGet();
    return pod;
  }

  /** Plays it to its end, and returns the rows of the table. */
  List<Call> play() throws IOException, StoryFailure, InterruptedException {
    stage.screen().title("Story 4: fifty short-lived agents of one job");
    List<RunningPod> pods = awaitAgents();
    for (RunningPod pod : pods) {
      stage.awaitLine(pod, "read", PATIENCE);
    }
    for (RunningPod pod : pods) {
      StoryFailure.unless(pod.app().isAlive(), pod.id() + " ended too early: " + pod.app().tail(5));
    }
    stage
        .screen()
        .step(
            Tone.GOOD,
            "fifty agents are alive, each under a key of its own, and each made its calls");
    long suspended = System.nanoTime();
    suspend();
    Map<String, Integer> codes = new TreeMap<>();
    for (RunningPod pod : pods) {
      String answer = stage.awaitLine(pod, "refused", Duration.ofSeconds(30));
      codes.merge(code(answer), 1, Integer::sum);
    }
    double seconds = Duration.ofNanos(System.nanoTime() - suspended).toMillis() / 1000.0;
    StoryFailure.unless(
        codes.keySet().stream().noneMatch(code -> code.startsWith("http-")),
        "refused without a code: " + codes);
    stage
        .screen()
        .step(
            Tone.REFUSED,
            "the job's contract was suspended: all fifty were refused within %.1f s, %s"
                .formatted(seconds, codes));
    return List.of(
        new Call("50 agents, 3 reads each", "allow", "", ""),
        new Call("50 agents, after the end", "deny", String.join(", ", codes.keySet()), ""));
  }

  /** Of what an agent says when it is refused. */
  static String code(String answer) {
    return answer.replaceFirst(".*code=", "");
  }

  private List<RunningPod> awaitAgents() throws IOException, StoryFailure, InterruptedException {
    int[] shown = {0};
    List<RunningPod> pods = new ArrayList<>();
    stage.await(
        "fifty agents",
        PATIENCE,
        () -> {
          if (started.get() >= shown[0] + 10) {
            shown[0] = started.get();
            stage.screen().step(Tone.PLAIN, shown[0] + " agents run");
          }
          for (Future<RunningPod> future : starting) {
            if (future.state() == Future.State.FAILED) {
              Stage.rethrow(future.exceptionNow());
            }
          }
          return starting.stream().allMatch(Future::isDone) ? Optional.of(true) : Optional.empty();
        });
    for (Future<RunningPod> future : starting) {
      pods.add(future.resultNow());
    }
    return pods;
  }

  private void suspend() {
    stage
        .cluster()
        .client()
        .genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability")
        .inNamespace(NAMESPACE)
        .withName(CAPABILITY)
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
  }

  @Override
  public void close() {
    starters.shutdownNow();
  }
}
