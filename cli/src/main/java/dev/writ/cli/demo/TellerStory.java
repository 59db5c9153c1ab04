package dev.writ.cli.demo;

import dev.writ.cli.cluster.RunningPod;
import dev.writ.cli.output.Screen.Tone;
import dev.writ.contract.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An assistant that may pay up to 500: by a tool of MCP, and by a message of A2A. */
final class TellerStory {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NAMESPACE = "bank";

  private final Stage stage;

  /** One thing that the assistant tries, and the refusal that is due. */
  record Attempt(String word, String what, Optional<ErrorCode> refusal) {
    static Attempt granted(String word, String what) {
      return new Attempt(word, what, Optional.empty());
    }

    static Attempt refused(String word, String what, ErrorCode code) {
      return new Attempt(word, what, Optional.of(code));
    }
  }

  static final List<Attempt> ATTEMPTS =
      List.of(
          Attempt.granted("tools", "MCP tools/list"),
          Attempt.granted("tool-transfer", "MCP tool transfer of 500"),
          Attempt.refused("tool-large", "MCP tool transfer of 501", ErrorCode.ARGUMENT_NOT_ALLOWED),
          Attempt.refused("tool-other", "MCP tool close_account", ErrorCode.ACTION_NOT_GRANTED),
          Attempt.granted("card", "A2A agent card"),
          Attempt.granted("message-transfer", "A2A transfer of 500"),
          Attempt.refused("message-large", "A2A transfer of 501", ErrorCode.ARGUMENT_NOT_ALLOWED),
          Attempt.refused(
              "message-text", "A2A transfer with free text", ErrorCode.ARGUMENT_NOT_ALLOWED),
          Attempt.granted("own-task", "A2A task of its own"),
          Attempt.refused("other-task", "A2A task of another", ErrorCode.ARGUMENT_NOT_ALLOWED));

  TellerStory(Stage stage) {
    this.stage = stage;
  }

  /** Plays it to its end, and returns the rows of the table. */
  List<Call> play() throws IOException, StoryFailure, InterruptedException {
    stage.screen().title("Story 3: tools (MCP) and messages (A2A)");
    stage.apply(
        "assistant/00-namespaces.yaml",
        "assistant/teller.yaml",
        "assistant/assistant.yaml",
        "assistant/capability.yaml");
    RunningPod teller = stage.cluster().startPod(NAMESPACE, "teller", 1);
    stage.awaitReady(NAMESPACE, "assistant-may-transfer");
    stage
        .screen()
        .step(
            Tone.GOOD,
            "plan/assistant may transfer up to 500 EUR at bank/teller, as a tool or by a message");
    RunningPod assistant = stage.cluster().startPod("plan", "assistant", 1);
    List<Call> calls = new ArrayList<>();
    for (Attempt attempt : ATTEMPTS) {
      String answer = stage.awaitLine(assistant, attempt.word(), PATIENCE);
      calls.add(stage.expect(attempt.what(), answer, attempt.refusal()));
    }
    check(teller, 8080, "tool", "{\"requests\":4,\"done\":4}");
    check(teller, 8081, "messages", "{\"requests\":3,\"done\":3}");
    return calls;
  }

  /** What was refused must not have reached the app. */
  private void check(RunningPod teller, int port, String what, String due)
      throws IOException, StoryFailure {
    String stats = Wire.get(teller.address().inner(), port, "/stats").body();
    StoryFailure.unless(
        stats.equals(due), "the teller's " + what + " counted " + stats + ", due was " + due);
  }
}
