package dev.writ.cli.demo;

import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A planner gives a task to a worker, and the worker writes into an archive. */
final class HopsStory {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern ARCHIVE =
      Pattern.compile("\"caller\":\"([^\"]*)\",\"archive\":\\{.*\"chain\":\"([^\"]*)\"");

  private final Stage stage;

  HopsStory(Stage stage) {
    this.stage = stage;
  }

  /** Plays it to its end, and returns the rows of the table. */
  List<Call> play() throws IOException, StoryFailure, InterruptedException {
    stage.screen().title("Story 2: planner -> worker -> archive");
    stage.apply(
        "planner/archive.yaml",
        "planner/worker.yaml",
        "planner/planner.yaml",
        "planner/capabilities.yaml");
    stage.cluster().startPod("records", "archive", 1);
    stage.cluster().startPod("plan", "worker", 1);
    stage.awaitReady("plan", "planner-may-assign");
    stage.awaitReady("records", "worker-may-store");
    RunningPod planner = stage.cluster().startPod("plan", "planner", 1);
    List<Call> calls = new ArrayList<>();
    String task = stage.awaitLine(planner, "task", PATIENCE);
    calls.add(stage.expect("planner -> worker -> archive", task, Optional.empty()));
    Matcher seen = ARCHIVE.matcher(task);
    StoryFailure.unless(seen.find(), "the worker's answer names no chain: " + task);
    stage.screen().step(Tone.PLAIN, "the worker was called by      " + seen.group(1));
    stage.screen().step(Tone.PLAIN, "the archive saw the chain     " + seen.group(2));
    StoryFailure.unless(
        seen.group(1).endsWith("/sa/planner") && seen.group(2).endsWith("/sa/worker"),
        "the subjects are not planner and worker: " + task);
    stage
        .screen()
        .line(
            "          These are two contracts, one for each hop: the archive does not see the"
                + " planner.");
    stage
        .screen()
        .line("          Delegation, which puts the planner into that chain, is not built yet.");
    String direct = stage.awaitLine(planner, "direct", PATIENCE);
    calls.add(refused(direct));
    return calls;
  }

  /** The planner has no contract for the archive, so its call goes out as it is and is refused. */
  private Call refused(String direct) throws StoryFailure {
    return stage.expect("planner -> archive", direct, Optional.of(ErrorCode.MISSING_CONTRACT));
  }
}
