package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.grant.Protobuf.Field;
import dev.writ.contract.grant.Protobuf.Kind;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import dev.writ.contract.json.StrictJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the task that an agent made, in an answer or one event of it (actions.md, tasks). */
public final class TaskIds {
  private static final List<String> UPDATES = List.of("statusUpdate", "artifactUpdate");
  private static final Kind TEXT = new Kind.Text();
  private static final Map<Integer, Field> ANSWER =
      Map.of(
          1, message("task", 1, "id"),
          3, message("statusUpdate", 1, "taskId"),
          4, message("artifactUpdate", 1, "taskId"));

  private TaskIds() {}

  /** The task of a JSON answer, or of the data of one event; null when it names none. */
  public static @Nullable String inJson(byte[] json) {
    try {
      if (!(StrictJson.body(json) instanceof JsonObject answer)) {
        return null;
      }
      return in(answer.get("result") instanceof JsonObject result ? result : answer);
    } catch (MalformedException e) {
      return null;
    }
  }

  /** The task of one message of gRPC, without its prefix; null when it names none. */
  public static @Nullable String inProtobuf(byte[] message) {
    try {
      return in(Protobuf.read(message, ANSWER));
    } catch (GrantException e) {
      return null;
    }
  }

  private static @Nullable String in(JsonObject answer) {
    if (answer.get("task") instanceof JsonObject task) {
      return text(task.get("id"));
    }
    for (String update : UPDATES) {
      if (A2aCall.either(answer, update) instanceof JsonObject event) {
        return text(A2aCall.either(event, "taskId"));
      }
    }
    // Version 0.3 says by kind what an object is.
    if (!(answer.get("kind") instanceof JsonString kind)) {
      return null;
    }
    return switch (kind.value()) {
      case "task" -> text(answer.get("id"));
      case "status-update", "artifact-update" -> text(answer.get("taskId"));
      default -> null;
    };
  }

  private static @Nullable String text(@Nullable JsonValue value) {
    return value instanceof JsonString text && !text.value().isEmpty() ? text.value() : null;
  }

  private static Field message(String name, int number, String id) {
    return new Field(name, new Kind.Message(Map.of(number, new Field(id, TEXT, false))), false);
  }
}
