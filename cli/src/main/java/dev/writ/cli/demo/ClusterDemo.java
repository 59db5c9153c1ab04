package dev.writ.cli.demo;

import dev.writ.audit.note.VerifierKey;
import dev.writ.audit.verify.Report;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.cli.output.Table;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** The stories that need no hand on the wire, on a real cluster. */
final class ClusterDemo {
  /** Calls that the billing agent is granted. */
  static final int LIMIT = 1_000;

  /** Of the job's fifty: a laptop's cluster has to hold them. */
  private static final int AGENTS = 5;

  private static final String LOG_KEY = "writ-log-key";

  private final ClusterStage stage;
  private final Screen screen;
  private final int attempts;
  private final List<Call> calls = new ArrayList<>();

  ClusterDemo(ClusterStage stage, Screen screen, int attempts) {
    this.stage = stage;
    this.screen = screen;
    this.attempts = attempts;
  }

  /** Plays everything; throws at the first thing that is not as it must be. */
  void play() throws IOException, StoryFailure, InterruptedException {
    screen.title("A real cluster");
    stage.install();
    String cid = billing();
    hops();
    teller();
    batch();
    screen.title("What happened");
    Table table = new Table("CALL", "DECISION", "REASON", "REMAINING");
    calls.forEach(call -> table.row(call.what(), call.decision(), call.reason(), call.remaining()));
    screen.table(table);
    screen.title("What the log says");
    records(cid);
  }

  private String billing() throws IOException, StoryFailure, InterruptedException {
    screen.title("Story 1: a compromised billing agent");
    stage.apply(
        object -> !isDeployment(object, "billing-agent"),
        this::fewer,
        "billing/ledger.yaml",
        "billing/billing.yaml",
        "billing/capability.yaml");
    serves("bank", "ledger-agent");
    stage.awaitReady("bank", "billing-may-transfer");
    // It makes its calls as soon as it starts; so do all callers of the examples.
    stage.apply(
        object -> isDeployment(object, "billing-agent"), this::fewer, "billing/billing.yaml");
    String cid = stage.capability("bank", "billing-may-transfer").getMetadata().getUid();
    Pod billing = stage.awaitPods("plan", "billing-agent", 1).getFirst();
    said(billing, "invoice", "transfer of 250", Optional.empty());
    said(billing, "large", "transfer of 90,000", Optional.of(ErrorCode.ARGUMENT_NOT_ALLOWED));
    said(billing, "accounts", "list of accounts", Optional.of(ErrorCode.ACTION_NOT_GRANTED));
    screen.step(
        Tone.PLAIN, "the agent now pays as often as it can: %,d attempts".formatted(attempts));
    String done = stage.awaitLine(billing, "done");
    String due =
        "attempts=" + attempts + " admitted=" + LIMIT + " quota-exhausted=" + (attempts - LIMIT);
    StoryFailure.unless(
        sorted(done).equals(sorted(due)), "of " + attempts + " attempts " + done + ", due " + due);
    screen.step(
        Tone.GOOD, "exactly %,d were admitted, %,d refused".formatted(LIMIT, attempts - LIMIT));
    calls.add(
        new Call(
            "%,d transfers of 250".formatted(attempts),
            "%,d allow, %,d deny 403".formatted(LIMIT, attempts - LIMIT),
            ErrorCode.QUOTA_EXHAUSTED.code(),
            "0"));
    String status =
        stage.await(
            "status 1000/1000 Exhausted of bank/billing-may-transfer",
            () -> {
              var capability = stage.capability("bank", "billing-may-transfer");
              return Optional.of(
                      Stage.text(capability, "status", "calls", "summary")
                          + " "
                          + Stage.ready(capability).reason())
                  .filter("1000/1000 Exhausted"::equals);
            });
    screen.step(Tone.GOOD, "status of billing-may-transfer: " + status);
    return cid;
  }

  private static List<String> sorted(String counts) {
    return List.of(counts.split(" ", -1)).stream().sorted().toList();
  }

  private HasMetadata fewer(HasMetadata object) {
    if (object instanceof Deployment deployment) {
      for (var container : deployment.getSpec().getTemplate().getSpec().getContainers()) {
        for (EnvVar variable : container.getEnv()) {
          if (variable.getName().equals("ATTEMPTS")) {
            variable.setValue(Integer.toString(attempts));
          }
        }
      }
    }
    if (object instanceof Job job) {
      job.getSpec().setParallelism(AGENTS);
      job.getSpec().setCompletions(AGENTS);
    }
    return object;
  }

  private void said(Pod pod, String word, String what, Optional<ErrorCode> refusal)
      throws IOException, StoryFailure, InterruptedException {
    calls.add(Stage.expect(screen, what, stage.awaitLine(pod, word), refusal));
  }

  private void hops() throws IOException, StoryFailure, InterruptedException {
    screen.title("Story 2: planner -> worker -> archive");
    stage.apply(
        object -> !isDeployment(object, "planner"),
        UnaryOperator.identity(),
        "planner/archive.yaml",
        "planner/worker.yaml",
        "planner/planner.yaml",
        "planner/capabilities.yaml");
    serves("records", "archive");
    serves("plan", "worker");
    stage.awaitReady("plan", "planner-may-assign");
    stage.awaitReady("records", "planner-may-store");
    stage.apply(
        object -> isDeployment(object, "planner"),
        UnaryOperator.identity(),
        "planner/planner.yaml");
    Pod planner = stage.awaitPods("plan", "planner", 1).getFirst();
    said(planner, "task", "planner -> worker -> archive", Optional.empty());
    said(
        planner,
        "untraced",
        "worker -> archive, for nobody",
        Optional.of(ErrorCode.MISSING_CONTRACT));
    String chain =
        stage.await(
            "the chain in the status of planner-may-store",
            () -> {
              String last =
                  Stage.text(
                      stage.capability("records", "planner-may-store"),
                      "status",
                      "decisions",
                      "lastChain");
              return last.contains("/sa/planner") && last.contains("/sa/worker")
                  ? Optional.of(last)
                  : Optional.empty();
            });
    screen.step(Tone.GOOD, "status of planner-may-store: last chain " + chain);
  }

  private static boolean isDeployment(HasMetadata object, String name) {
    return object instanceof Deployment && object.getMetadata().getName().equals(name);
  }

  /** Waits until a callee takes calls: the examples say so themselves. */
  private void serves(String namespace, String app)
      throws IOException, StoryFailure, InterruptedException {
    stage.awaitLine(stage.awaitPods(namespace, app, 1).getFirst(), "listening");
  }

  private void teller() throws IOException, StoryFailure, InterruptedException {
    screen.title("Story 3: tools (MCP) and messages (A2A)");
    stage.apply(
        object -> !isDeployment(object, "assistant"),
        UnaryOperator.identity(),
        "assistant/teller.yaml",
        "assistant/assistant.yaml",
        "assistant/capability.yaml");
    serves("bank", "teller");
    stage.awaitReady("bank", "assistant-may-transfer");
    stage.apply(
        object -> isDeployment(object, "assistant"),
        UnaryOperator.identity(),
        "assistant/assistant.yaml");
    Pod assistant = stage.awaitPods("plan", "assistant", 1).getFirst();
    for (TellerStory.Attempt attempt : TellerStory.ATTEMPTS) {
      said(assistant, attempt.word(), attempt.what(), attempt.refusal());
    }
  }

  private void batch() throws IOException, StoryFailure, InterruptedException {
    screen.title("Story 4: " + AGENTS + " short-lived agents of one job");
    stage.apply(
        object -> !(object instanceof Job),
        this::fewer,
        "batch/warehouse.yaml",
        "batch/job.yaml",
        "batch/capability.yaml");
    serves("data", "warehouse");
    stage.awaitReady("data", "nightly-report-may-read");
    stage.apply(Job.class::isInstance, this::fewer, "batch/job.yaml");
    List<Pod> agents = stage.awaitPods("batch", "report-agent", AGENTS);
    for (Pod agent : agents) {
      stage.awaitLine(agent, "read");
    }
    screen.step(Tone.GOOD, "each has a key of its own, and made its calls");
    stage
        .client()
        .genericKubernetesResources("writ.dev/v1alpha1", "AgentCapability")
        .inNamespace("data")
        .withName("nightly-report-may-read")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
    Set<String> codes = new TreeSet<>();
    for (Pod agent : agents) {
      String refused = stage.awaitLine(agent, "refused");
      StoryFailure.unless(
          !refused.contains("code=http-"),
          "an agent of the job was refused without a code: " + refused);
      codes.add(BatchStory.code(refused));
    }
    stage.await(
        "the end of the job",
        () ->
            Optional.ofNullable(
                    stage
                        .client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace("batch")
                        .withName("nightly-report")
                        .get())
                .filter(job -> Objects.equals(job.getStatus().getSucceeded(), AGENTS)));
    screen.step(
        Tone.REFUSED, "the job's contract was suspended: all were refused, the job is done");
    calls.add(new Call(AGENTS + " agents, after the end", "deny", String.join(", ", codes), ""));
  }

  private void records(String cid) throws IOException, StoryFailure, InterruptedException {
    ConfigMap published =
        stage.client().configMaps().inNamespace(stage.system()).withName(LOG_KEY).get();
    String text = published == null ? null : published.getData().get("key");
    if (text == null) {
      throw new StoryFailure("no ConfigMap " + LOG_KEY + " in namespace " + stage.system());
    }
    try {
      VerifierKey key = VerifierKey.parse(text);
      Records records =
          new Records(
              new ProxiedLog(stage.client(), stage.system()),
              key,
              call -> call.chain().stream().anyMatch(link -> link.cid().equals(cid)));
      stage.await(
          "every attempt in the log",
          () ->
              Optional.of(records.transfers())
                  .filter(new Records.Transfers(LIMIT, attempts - LIMIT)::equals));
      Report report = records.verify();
      screen.step(
          Tone.GOOD,
          "verified %,d records of %d processes under one signed tree: none missing, moved or altered"
              .formatted(report.entries(), report.boots()));
      screen.line(
          "          root hash " + Objects.requireNonNull(report.checkpoint()).root().toBase64());
    } catch (MalformedException e) {
      throw new StoryFailure("the log's key: " + e.getMessage());
    }
  }
}
