package dev.writ.cli.demo;

import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.ErrorCode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A planner gives a task to a worker, and the worker writes into an archive on the planner's
 * behalf; then somebody tries every way to make more of it.
 */
final class HopsStory {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NAMESPACE = "records";
  private static final String CAPABILITY = "planner-may-store";
  private static final int PORT = 8080;
  private static final Pattern ARCHIVE =
      Pattern.compile("\"caller\":\"([^\"]*)\",\"archive\":\\{.*\"chain\":\"([^\"]*)\"");

  private final Stage stage;
  private final InstantSource clock;

  HopsStory(Stage stage, InstantSource clock) {
    this.stage = stage;
    this.clock = clock;
  }

  /** Plays it to its end, and returns the rows of the table. */
  List<Call> play() throws IOException, StoryFailure, InterruptedException {
    stage.screen().title("Story 2: planner -> worker -> archive");
    stage.apply(
        "planner/00-namespaces.yaml",
        "planner/archive.yaml",
        "planner/worker.yaml",
        "planner/planner.yaml",
        "planner/capabilities.yaml");
    RunningPod archive = stage.cluster().startPod(NAMESPACE, "archive", 1);
    stage.cluster().startPod("plan", "worker", 1);
    stage.awaitReady("plan", "planner-may-assign");
    stage.awaitReady(NAMESPACE, CAPABILITY);
    stage
        .screen()
        .step(
            Tone.GOOD,
            "plan/planner may store at records/archive, and may let plan/worker do it: one hop");
    RunningPod planner = stage.cluster().startPod("plan", "planner", 1);
    List<Call> calls = new ArrayList<>();
    calls.add(delegated(planner));
    calls.add(
        stage.expect(
            "worker -> archive, for nobody",
            stage.awaitLine(planner, "untraced", PATIENCE),
            Optional.of(ErrorCode.MISSING_CONTRACT)));
    status();
    calls.addAll(forged(archive));
    return calls;
  }

  private Call delegated(RunningPod planner)
      throws IOException, StoryFailure, InterruptedException {
    String task = stage.awaitLine(planner, "task", PATIENCE);
    Call call = stage.expect("planner -> worker -> archive", task, Optional.empty());
    Matcher seen = ARCHIVE.matcher(task);
    StoryFailure.unless(seen.find(), "the worker's answer names no chain: " + task);
    stage.screen().step(Tone.PLAIN, "the worker was called by      " + seen.group(1));
    stage.screen().step(Tone.PLAIN, "the archive saw the chain     " + seen.group(2));
    List<String> chain = List.of(seen.group(2).split(", ", -1));
    StoryFailure.unless(
        seen.group(1).endsWith("/sa/planner")
            && chain.size() == 2
            && chain.getFirst().endsWith("/sa/planner")
            && chain.getLast().endsWith("/sa/worker"),
        "the chain is not planner, worker: " + task);
    return call;
  }

  /** The capability's status names the chain, too. */
  private void status() throws IOException, StoryFailure, InterruptedException {
    String chain =
        stage.await(
            "the chain in the status of " + CAPABILITY,
            Duration.ofSeconds(20),
            () -> {
              GenericKubernetesResource found = stage.capability(NAMESPACE, CAPABILITY);
              String last = Stage.text(found, "status", "decisions", "lastChain");
              return last.contains("/sa/planner") && last.contains("/sa/worker")
                  ? Optional.of(last)
                  : Optional.empty();
            });
    stage.screen().step(Tone.GOOD, "status of " + CAPABILITY + ": last chain " + chain);
  }

  private List<Call> forged(RunningPod archive) throws IOException, StoryFailure {
    stage
        .screen()
        .step(
            Tone.PLAIN,
            "now a planner and a worker who keep their keys in their own hands try for more");
    Forger forger =
        new Forger(archive.address().outer(), PORT, stage.cluster().client(), clock.instant());
    List<Call> calls = new ArrayList<>();
    for (Forger.Attempt attempt : Forger.Attempt.values()) {
      calls.add(stage.expect(attempt.what(), forger.send(attempt), ErrorCode.DELEGATION_VIOLATION));
    }
    return calls;
  }
}
