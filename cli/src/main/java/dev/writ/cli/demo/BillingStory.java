package dev.writ.cli.demo;

import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A billing agent was talked into paying somebody, as often as it can. It may do so 1,000 times.
 */
final class BillingStory {
  private static final Duration PATIENCE = Duration.ofMinutes(8);
  private static final long LIMIT = 1_000;
  private static final long ATTEMPTS = 50_000;
  private static final String NAMESPACE = "bank";
  private static final String CAPABILITY = "billing-may-transfer";
  private static final int PORT = 8080;

  private final Stage stage;
  private final InstantSource clock;
  private final List<Call> calls = new ArrayList<>();

  BillingStory(Stage stage, InstantSource clock) {
    this.stage = stage;
    this.clock = clock;
  }

  /** Applies its manifests, which the operator need not be there for. */
  void apply() throws IOException {
    stage.apply(
        "billing/00-namespaces.yaml",
        "billing/ledger.yaml",
        "billing/billing.yaml",
        "billing/capability.yaml");
  }

  /** Plays it to its end, and returns the rows of the table. */
  List<Call> play() throws IOException, StoryFailure, InterruptedException {
    stage.screen().title("Story 1: a compromised billing agent");
    LocalCluster cluster = stage.cluster();
    RunningPod ledger = cluster.createPod(NAMESPACE, "ledger-agent", 1);
    try (Tap tap = Tap.start(ledger.address().inner(), ledger.address().outer(), PORT)) {
      cluster.detour("plan", "billing-agent", "ledger-agent.bank:8080", tap.address());
      RunningPod billing = cluster.createPod("plan", "billing-agent", 1);
      startSidecars(ledger, billing);
      cluster.startAgent(ledger);
      stage.awaitReady(NAMESPACE, CAPABILITY);
      stage
          .screen()
          .step(
              Tone.GOOD,
              "plan/billing-agent may transfer on bank/ledger-agent: 1,000 calls, each at most"
                  + " 500");
      cluster.startAgent(billing);
      agentsOwnCalls(billing);
      thiefsCalls(ledger, tap);
      flood(billing);
      checkLedger(ledger);
      checkStatus();
    }
    return calls;
  }

  /** At the same time: the machine has nothing else to do yet. */
  private void startSidecars(RunningPod... pods)
      throws IOException, StoryFailure, InterruptedException {
    List<Future<?>> starts = new ArrayList<>();
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      for (RunningPod pod : pods) {
        starts.add(
            starters.submit(
                () -> {
                  stage.cluster().startSidecars(pod);
                  return pod;
                }));
      }
    }
    for (Future<?> start : starts) {
      if (start.state() == Future.State.FAILED) {
        Stage.rethrow(start.exceptionNow());
      }
    }
  }

  private void agentsOwnCalls(RunningPod billing)
      throws IOException, StoryFailure, InterruptedException {
    call(billing, "invoice", "transfer of 250", Optional.empty());
    call(billing, "large", "transfer of 90,000", Optional.of(ErrorCode.ARGUMENT_NOT_ALLOWED));
    call(billing, "accounts", "list of accounts", Optional.of(ErrorCode.ACTION_NOT_GRANTED));
  }

  private void call(RunningPod billing, String word, String what, Optional<ErrorCode> refusal)
      throws IOException, StoryFailure, InterruptedException {
    calls.add(stage.expect(what, stage.awaitLine(billing, word, PATIENCE), refusal));
  }

  private void thiefsCalls(RunningPod ledger, Tap tap)
      throws IOException, StoryFailure, InterruptedException {
    byte[] captured =
        stage.await(
            "a call on the wire",
            Duration.ofSeconds(20),
            () -> Optional.of(tap.captured("POST")).filter(bytes -> bytes.length > 0));
    Thief thief = new Thief(ledger.address().outer(), PORT, captured, clock);
    calls.add(
        stage.expect("call without a contract", thief.noContract(), ErrorCode.MISSING_CONTRACT));
    calls.add(stage.expect("captured call, sent again", thief.replay(), ErrorCode.REPLAYED));
    calls.add(
        stage.expect("captured call, other amount", thief.otherBody(), ErrorCode.DIGEST_MISMATCH));
    calls.add(
        stage.expect(
            "stolen contract, other key", thief.stolenContract(), ErrorCode.INVALID_PROOF));
    calls.add(stage.expect("edited contract", thief.editedContract(), ErrorCode.INVALID_CONTRACT));
  }

  private void flood(RunningPod billing) throws IOException, StoryFailure, InterruptedException {
    stage.screen().step(Tone.PLAIN, "the agent now pays as often as it can: 50,000 attempts");
    int[] shown = {0};
    String result =
        stage.await(
            "50,000 attempts",
            PATIENCE,
            () -> {
              List<String> progress =
                  billing.app().lines().stream()
                      .filter(line -> line.startsWith("progress "))
                      .toList();
              while (shown[0] < progress.size()) {
                String line = progress.get(shown[0]++).substring("progress ".length());
                if (shown[0] % 2 == 0) {
                  stage.screen().step(Tone.PLAIN, line);
                }
              }
              if (!billing.app().isAlive()) {
                throw new StoryFailure(billing.id() + " ended: " + billing.app().tail(5));
              }
              return Stage.line(billing, "done");
            });
    Map<String, Long> counts = counts(result);
    Map<String, Long> due =
        Map.of("attempts", ATTEMPTS, "admitted", LIMIT, "quota-exhausted", ATTEMPTS - LIMIT);
    StoryFailure.unless(counts.equals(due), "of 50,000 attempts " + result + ", due was " + due);
    stage.screen().step(Tone.GOOD, "exactly 1,000 were admitted, 49,000 refused");
    calls.add(
        new Call(
            "50,000 transfers of 250",
            "1,000 allow, 49,000 deny 403",
            ErrorCode.QUOTA_EXHAUSTED.code(),
            "0"));
  }

  private static Map<String, Long> counts(String line) {
    Map<String, Long> counts = new HashMap<>();
    for (String part : line.split(" ", 0)) {
      String[] pair = part.split("=", 0);
      counts.put(pair[0], Long.parseLong(pair[1]));
    }
    return counts;
  }

  private void checkLedger(RunningPod ledger) throws IOException, StoryFailure {
    String stats = Wire.get(ledger.address().inner(), PORT, "/stats").body();
    StoryFailure.unless(
        stats.equals("{\"requests\":1000,\"done\":1000}"),
        "the ledger counted " + stats + " and not 1000 requests");
    stage.screen().step(Tone.GOOD, "the ledger itself counted 1,000 requests and nothing else");
  }

  private void checkStatus() throws IOException, StoryFailure, InterruptedException {
    String[] last = {""};
    stage.await(
        "status 1000/1000 Exhausted of " + NAMESPACE + "/" + CAPABILITY,
        Duration.ofSeconds(20),
        () -> {
          String calls =
              Stage.text(stage.capability(NAMESPACE, CAPABILITY), "status", "calls", "summary");
          last[0] = calls + " " + stage.ready(NAMESPACE, CAPABILITY).reason();
          return Optional.of(last[0]).filter("1000/1000 Exhausted"::equals);
        });
    stage.screen().step(Tone.GOOD, "status of " + CAPABILITY + ": " + last[0]);
  }
}
