package dev.writ.contract.grant;

import static dev.writ.contract.grant.GrantException.malformed;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonArray;
import dev.writ.contract.json.JsonValue.JsonNull;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of an A2A agent, whatever the binding and version it came in.
 *
 * @param operation of it
 * @param message null when the operation carries none
 * @param tasks that it names, all of them
 * @param push where the agent is told to call out to; null when it is not
 */
record A2aCall(
    A2aOperation operation,
    @Nullable A2aMessage message,
    List<String> tasks,
    @Nullable JsonObject push) {
  private static final Spelling PARAMS =
      Spelling.proto(
          "message",
          "configuration",
          "metadata",
          "tenant",
          "id",
          "name",
          "parent",
          "taskId",
          "config",
          "url",
          "token",
          "authentication",
          "pushNotificationConfig",
          "pushNotificationConfigId");
  private static final Spelling CONFIGURATION =
      Spelling.proto("pushNotificationConfig", "taskPushNotificationConfig", "pushNotification");
  private static final List<String> PUSH =
      List.of("taskPushNotificationConfig", "pushNotificationConfig", "pushNotification");

  /** Copies. */
  A2aCall {
    tasks = List.copyOf(tasks);
  }

  /**
   * Reads the parameters.
   *
   * @param old whether a method of version 0.3 named the operation: its members are others
   * @param params of JSON-RPC, or the body of the other bindings
   * @param pathTask task that the path names, null when it names none
   */
  static A2aCall read(
      A2aOperation operation, boolean old, JsonObject params, @Nullable String pathTask)
      throws GrantException {
    PARAMS.check(params);
    List<String> tasks = new ArrayList<>();
    A2aMessage message = null;
    JsonObject push = null;
    if (operation.sends()) {
      if (!(params.get("message") instanceof JsonObject object)) {
        throw malformed("A2A: no message");
      }
      message = A2aMessage.read(object, params.get("metadata"));
      tasks.addAll(message.tasks());
      push = configured(params);
    } else if (operation.namesTask()) {
      tasks.add(task(operation, old, params, pathTask));
    }
    if (operation == A2aOperation.CREATE_PUSH) {
      push = config(params);
    }
    return new A2aCall(operation, message, tasks, push);
  }

  private static String task(
      A2aOperation operation, boolean old, JsonObject params, @Nullable String pathTask)
      throws GrantException {
    boolean push =
        switch (operation) {
          case CREATE_PUSH -> true;
          case GET_PUSH, LIST_PUSH, DELETE_PUSH -> !old;
          default -> false;
        };
    // The other member is the id of a configuration, or nothing that this version knows.
    String named = text(params, push ? "taskId" : "id");
    boolean stray = !push && text(params, "taskId") != null;
    if (stray || (old && push && params.get("id") != null)) {
      throw malformed("A2A: two tasks");
    }
    String resource = resource(params);
    String task = named != null ? named : resource != null ? resource : pathTask;
    boolean same =
        (named == null || named.equals(task))
            && (resource == null || resource.equals(task))
            && (pathTask == null || pathTask.equals(task));
    if (task == null || task.isEmpty() || !same) {
      throw malformed(task == null ? "A2A: no task" : "A2A: two tasks");
    }
    return task;
  }

  /** The gRPC of version 0.3 names {@code tasks/<id>[/pushNotificationConfigs[/<id>]]}. */
  private static @Nullable String resource(JsonObject params) throws GrantException {
    String name = text(params, "name");
    String parent = text(params, "parent");
    if (name != null && parent != null) {
      throw malformed("A2A: two tasks");
    }
    String resource = name == null ? parent : name;
    if (resource == null) {
      return null;
    }
    String[] parts = resource.split("/", -1);
    if (parts.length < 2 || !parts[0].equals("tasks") || parts[1].isEmpty()) {
      throw malformed("A2A: no task");
    }
    return parts[1];
  }

  private static @Nullable JsonObject configured(JsonObject params) throws GrantException {
    JsonValue configuration = params.get("configuration");
    if (configuration == null || configuration instanceof JsonNull) {
      return null;
    }
    if (!(configuration instanceof JsonObject object)) {
      throw malformed("A2A: configuration");
    }
    CONFIGURATION.check(object);
    JsonObject found = null;
    for (String name : PUSH) {
      JsonValue value = either(object, name);
      if (value == null || value instanceof JsonNull) {
        continue;
      }
      if (found != null || !(value instanceof JsonObject push)) {
        throw malformed("A2A: push notification");
      }
      found = config(push);
    }
    return found;
  }

  /** Where the URL stands: in the object itself, or one or two levels below. */
  private static JsonObject config(JsonObject object) throws GrantException {
    PARAMS.check(object);
    JsonValue inner = either(object, "pushNotificationConfig");
    JsonValue older = object.get("config");
    if (inner != null && older != null) {
      throw malformed("A2A: push notification");
    }
    JsonValue nested = inner != null ? inner : older;
    if (nested == null) {
      return object;
    }
    if (object.get("url") != null || !(nested instanceof JsonObject below)) {
      throw malformed("A2A: push notification");
    }
    return config(below);
  }

  /** A member in either spelling; {@link Spelling} saw to it that there is one at most. */
  static @Nullable JsonValue either(JsonObject object, String name) {
    JsonValue value = object.get(name);
    return value == null ? object.get(Spelling.snake(name)) : value;
  }

  /** A text in either spelling; null when absent, null or empty, as ProtoJSON reads it. */
  static @Nullable String text(JsonObject object, String name) throws GrantException {
    JsonValue value = either(object, name);
    if (value == null || value instanceof JsonNull) {
      return null;
    }
    if (!(value instanceof JsonString text)) {
      throw malformed("A2A: " + name + " is no string");
    }
    return text.value().isEmpty() ? null : text.value();
  }

  /** A list of texts in either spelling; empty when absent. */
  static List<String> texts(JsonObject object, String name) throws GrantException {
    JsonValue value = either(object, name);
    if (value == null || value instanceof JsonNull) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    if (value instanceof JsonArray array) {
      for (JsonValue item : array.items()) {
        if (item instanceof JsonString text) {
          texts.add(text.value());
        }
      }
      if (texts.size() == array.items().size()) {
        return texts;
      }
    }
    throw malformed("A2A: " + name + " is no list of strings");
  }
}
