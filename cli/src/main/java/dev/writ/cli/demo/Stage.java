package dev.writ.cli.demo;

import dev.writ.cli.cluster.LocalCluster;
import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.ErrorCode;
import dev.writ.contract.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** What all stories do: apply, start, wait, say. */
final class Stage {
  private static final long PAUSE_MILLIS = 50;

  private final LocalCluster cluster;
  private final Path examples;
  private final Screen screen;

  /** Looks once; empty means not yet. */
  interface Look<T> {
    Optional<T> look() throws IOException, StoryFailure;
  }

  Stage(LocalCluster cluster, Path examples, Screen screen) {
    this.cluster = cluster;
    this.examples = examples;
    this.screen = screen;
  }

  LocalCluster cluster() {
    return cluster;
  }

  Screen screen() {
    return screen;
  }

  /** Applies manifests of the examples. */
  void apply(String... files) throws IOException {
    for (String file : files) {
      cluster.apply(examples.resolve(file));
    }
  }

  /** Waits until it shows, while all processes live. */
  <T> T await(String what, Duration patience, Look<T> look)
      throws IOException, StoryFailure, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Optional<T> found = look.look();
      if (found.isPresent()) {
        return found.get();
      }
      cluster.check();
      StoryFailure.unless(
          System.nanoTime() < deadline, what + ": not within " + patience.toSeconds() + " s");
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Throws what a task failed with, also when it failed because one failed that it waited for. */
  static void rethrow(Throwable thrown) throws IOException, StoryFailure {
    switch (thrown) {
      case ExecutionException waited when waited.getCause() != null -> rethrow(waited.getCause());
      case StoryFailure failure -> throw failure;
      case IOException failure -> throw failure;
      default -> throw new IOException(thrown);
    }
  }

  /** Waits until the operator says that calls under a capability would be let through. */
  void awaitReady(String namespace, String name)
      throws IOException, StoryFailure, InterruptedException {
    String[] last = {"no status yet"};
    try {
      await(
          "AgentCapability " + namespace + "/" + name + " ready",
          Duration.ofSeconds(30),
          () -> {
            Condition ready = ready(namespace, name);
            last[0] = ready.toString();
            return ready.status().equals("True") ? Optional.of(ready) : Optional.empty();
          });
    } catch (StoryFailure e) {
      throw new StoryFailure(e.getMessage() + "; its condition Ready is " + last[0]);
    }
  }

  /** The condition Ready of a capability. */
  record Condition(String status, String reason, String message) {}

  Condition ready(String namespace, String name) {
    return ready(capability(namespace, name));
  }

  static Condition ready(GenericKubernetesResource capability) {
    List<Object> conditions = capability.get("status", "conditions");
    if (conditions != null) {
      for (int i = 0; i < conditions.size(); i++) {
        if ("Ready".equals(capability.get("status", "conditions", i, "type"))) {
          return new Condition(
              text(capability, "status", "conditions", i, "status"),
              text(capability, "status", "conditions", i, "reason"),
              text(capability, "status", "conditions", i, "message"));
        }
      }
    }
    return new Condition("Unknown", "", "");
  }

  GenericKubernetesResource capability(String namespace, String name) {
    return cluster
        .client()
        .genericKubernetesResources(Names.GROUP + "/" + Names.VERSION, "AgentCapability")
        .inNamespace(namespace)
        .withName(name)
        .require();
  }

  static String text(GenericKubernetesResource resource, Object... path) {
    Object value = resource.get(path);
    return value == null ? "" : value.toString();
  }

  /** Waits for a line of an agent's output that begins with a word, and returns what follows it. */
  String awaitLine(RunningPod pod, String word, Duration patience)
      throws IOException, StoryFailure, InterruptedException {
    return await(
        pod.id() + " says \"" + word + "\"",
        patience,
        () -> {
          Optional<String> line = line(pod, word);
          if (line.isEmpty() && !pod.app().isAlive()) {
            throw new StoryFailure(pod.id() + " ended: " + String.join(" | ", pod.app().tail(5)));
          }
          return line;
        });
  }

  static Optional<String> line(RunningPod pod, String word) throws IOException {
    return line(pod.app().lines(), word);
  }

  static Optional<String> line(List<String> lines, String word) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " ") || line.equals(word))
        .map(line -> line.substring(word.length()).strip())
        .findFirst();
  }

  /**
   * Checks one answer of an agent ({@code <status> remaining=<n> <body>}), says it, and returns its
   * row.
   */
  Call expect(String what, String answer, Optional<ErrorCode> refusal) throws StoryFailure {
    return expect(screen, what, answer, refusal);
  }

  static Call expect(Screen screen, String what, String answer, Optional<ErrorCode> refusal)
      throws StoryFailure {
    String[] parts = answer.split(" ", 3);
    String body = parts.length > 2 ? parts[2] : "";
    return expect(
        screen,
        Call.of(what, Integer.parseInt(parts[0]), body, parts[1].replace("remaining=", "")),
        body,
        refusal);
  }

  /** The same for an answer that the demo got itself. */
  Call expect(String what, Wire.Reply reply, ErrorCode refusal) throws StoryFailure {
    String remaining = reply.header(Names.HEADER_REMAINING).orElse("");
    return expect(
        screen,
        Call.of(what, reply.status(), reply.body(), remaining),
        reply.body(),
        Optional.of(refusal));
  }

  private static Call expect(Screen screen, Call call, String body, Optional<ErrorCode> refusal)
      throws StoryFailure {
    if (refusal.isPresent()) {
      StoryFailure.unless(
          call.isRefusedWith(refusal.get()),
          call.what() + ": " + refusal.get().code() + " was due, not " + call + " " + body);
      screen.step(Tone.REFUSED, call.what() + ": " + call.decision() + " " + call.reason());
      screen.line("          \"" + Call.detail(body) + "\"");
    } else {
      StoryFailure.unless(
          call.decision().equals("allow"), call.what() + ": refused, " + call + " " + body);
      String left = call.remaining().isEmpty() ? "not counted" : call.remaining() + " left";
      screen.step(Tone.GOOD, call.what() + ": allowed, " + left);
    }
    return call;
  }
}
