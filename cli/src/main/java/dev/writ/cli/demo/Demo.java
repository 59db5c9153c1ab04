package dev.writ.cli.demo;

import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.Report;
import dev.writ.cli.cluster.Installation;
import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.cli.output.Table;
import dev.writ.contract.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    Stage stage = new Stage(cluster, installation.examples(), screen);
    BillingStory billing = new BillingStory(stage, clock);
    billing.apply();
    cluster.awaitOperator();
    screen.step(Tone.PLAIN, "operator at " + cluster.loopback().operator() + ", with its webhook");
    Records records;
    List<Call> calls = new ArrayList<>();
    try (BatchStory batch = new BatchStory(stage)) {
      calls.addAll(billing.play());
      batch.prepare();
      screen.step(Tone.PLAIN, "fifty batch agents for story 4 start in the background");
      calls.addAll(new HopsStory(stage, clock).play());
      calls.addAll(new TellerStory(stage).play());
      records = new Records(cluster.log(), key(cluster));
      awaitTransfers(stage, records);
      calls.addAll(batch.play());
    }
    screen.title("What happened");
    Table table = new Table("CALL", "DECISION", "REASON", "REMAINING");
    calls.forEach(call -> table.row(call.what(), call.decision(), call.reason(), call.remaining()));
    screen.table(table);
    screen.title("What the log says");
    say(records.verify());
  }

  /** As an administrator would hand it to an auditor. */
  private static VerifierKey key(LocalCluster cluster) throws IOException, StoryFailure {
    try {
      return VerifierKey.parse(cluster.logKey());
    } catch (MalformedException e) {
      throw new StoryFailure("the log's key: " + e.getMessage());
    }
  }

  /** Sidecars ship their records within a second; a little later all of them are there. */
  private void awaitTransfers(Stage stage, Records records)
      throws IOException, StoryFailure, InterruptedException {
    Records.Transfers[] last = {new Records.Transfers(0, 0)};
    try {
      stage.await(
          "every attempt in the log",
          Duration.ofSeconds(20),
          () -> {
            last[0] = records.transfers();
            boolean complete =
                last[0].allowed() == LIMIT && last[0].exhausted() == ATTEMPTS - LIMIT;
            return complete ? Optional.of(last[0]) : Optional.empty();
          });
    } catch (StoryFailure e) {
      throw new StoryFailure(e.getMessage() + "; found " + last[0]);
    }
  }

  private void say(Report report) {
    screen.step(
        Tone.GOOD,
        "verified %,d records of %d processes under one signed tree: none missing, moved or altered"
            .formatted(report.entries(), report.boots()));
    screen.step(
        Tone.GOOD,
        "all 50,000 transfers are there: %,d allowed, %,d refused"
            .formatted(LIMIT, ATTEMPTS - LIMIT));
    screen.line(
        "          root hash " + Objects.requireNonNull(report.checkpoint()).root().toBase64());
  }
}
