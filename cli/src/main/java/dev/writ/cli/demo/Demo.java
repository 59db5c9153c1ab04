package dev.writ.cli.demo;

import dev.writ.cli.cluster.Installation;
import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.cli.output.Table;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plays the stories on a cluster of local processes, and checks what they left. */
final class Demo {
  private static final long ATTEMPTS = 50_000;
  private static final long LIMIT = 1_000;

  private final Installation installation;
  private final Screen screen;
  private final InstantSource clock;

  Demo(Installation installation, Screen screen, InstantSource clock) {
    this.installation = installation;
    this.screen = screen;
    this.clock = clock;
  }

  /** Plays everything; throws at the first thing that is not as it must be. */
  void play(LocalCluster cluster) throws IOException, StoryFailure, InterruptedException {
    screen.title("A cluster of local processes");
    screen.step(Tone.PLAIN, "API server (Fabric8's mock) at " + cluster.apiServerUrl());
    cluster.startOperator();
    screen.step(Tone.PLAIN, "operator at " + cluster.loopback().operator() + ", with its webhook");
    Stage stage = new Stage(cluster, installation.examples(), screen);
    List<Call> calls = new ArrayList<>();
    try (BatchStory batch = new BatchStory(stage)) {
      batch.prepare();
      screen.step(Tone.PLAIN, "fifty batch agents for story 3 start in the background");
      calls.addAll(new BillingStory(stage, clock).play());
      calls.addAll(new HopsStory(stage, clock).play());
      calls.addAll(batch.play());
    }
    Records.Summary summary = awaitRecords(stage);
    screen.title("What happened");
    Table table = new Table("CALL", "DECISION", "REASON", "REMAINING");
    calls.forEach(call -> table.row(call.what(), call.decision(), call.reason(), call.remaining()));
    screen.table(table);
    screen.title("What the records say");
    say(summary);
  }

  /** Sidecars ship their records within a second; a little later all of them are there. */
  private Records.Summary awaitRecords(Stage stage)
      throws IOException, StoryFailure, InterruptedException {
    Records records = new Records(stage.cluster().records());
    Records.Summary[] last = {new Records.Summary(0, 0, 0, 0)};
    try {
      return stage.await(
          "every attempt in the records",
          Duration.ofSeconds(20),
          () -> {
            last[0] = records.check();
            boolean complete =
                last[0].allowed() == LIMIT && last[0].exhausted() == ATTEMPTS - LIMIT;
            return complete ? Optional.of(last[0]) : Optional.empty();
          });
    } catch (StoryFailure e) {
      throw new StoryFailure(e.getMessage() + "; found " + last[0]);
    }
  }

  private void say(Records.Summary summary) {
    screen.step(
        Tone.GOOD,
        "%,d records of %d gates and helpers: numbered without gaps, each names the hash of the one before it"
            .formatted(summary.records(), summary.boots()));
    screen.step(
        Tone.GOOD,
        "all 50,000 transfers are there: %,d allowed, %,d refused"
            .formatted(summary.allowed(), summary.exhausted()));
    screen.line(
        "          This is the chain of each gate; the transparency log over all of them is not"
            + " built yet.");
  }
}
