package dev.writ.contract.grant;

import java.util.Map;
import java.util.Optional;

/** What can be asked of an A2A agent, by the names of version 1.0 (actions.md, Rules). */
public enum A2aOperation {
  /** A message; the answer is a task or a message. */
  SEND_MESSAGE("SendMessage"),
  /** A message; the answer is a stream of events. */
  SEND_STREAMING_MESSAGE("SendStreamingMessage"),
  /** State of a task. */
  GET_TASK("GetTask"),
  /** Tasks, of whomever. */
  LIST_TASKS("ListTasks"),
  /** Ends a task. */
  CANCEL_TASK("CancelTask"),
  /** Events of a task. */
  SUBSCRIBE_TO_TASK("SubscribeToTask"),
  /** Makes the agent call out to a URL. */
  CREATE_PUSH("CreateTaskPushNotificationConfig"),
  /** One such URL of a task. */
  GET_PUSH("GetTaskPushNotificationConfig"),
  /** Those of a task. */
  LIST_PUSH("ListTaskPushNotificationConfigs"),
  /** Ends such a call. */
  DELETE_PUSH("DeleteTaskPushNotificationConfig"),
  /** The card for callers that are known. */
  GET_EXTENDED_CARD("GetExtendedAgentCard");

  private static final Map<String, A2aOperation> OLD =
      Map.ofEntries(
          Map.entry("message/send", SEND_MESSAGE),
          Map.entry("message/stream", SEND_STREAMING_MESSAGE),
          Map.entry("tasks/get", GET_TASK),
          Map.entry("tasks/list", LIST_TASKS),
          Map.entry("tasks/cancel", CANCEL_TASK),
          Map.entry("tasks/resubscribe", SUBSCRIBE_TO_TASK),
          Map.entry("tasks/pushNotificationConfig/set", CREATE_PUSH),
          Map.entry("tasks/pushNotificationConfig/get", GET_PUSH),
          Map.entry("tasks/pushNotificationConfig/list", LIST_PUSH),
          Map.entry("tasks/pushNotificationConfig/delete", DELETE_PUSH),
          Map.entry("agent/getAuthenticatedExtendedCard", GET_EXTENDED_CARD));

  private final String word;

  A2aOperation(String word) {
    this.word = word;
  }

  /** As rules name it. */
  public String word() {
    return word;
  }

  /** By its name of version 1.0. */
  public static Optional<A2aOperation> of(String name) {
    for (A2aOperation operation : values()) {
      if (operation.word.equals(name)) {
        return Optional.of(operation);
      }
    }
    // As release candidates of 1.0 and the gRPC service of 0.3 spell them.
    return switch (name) {
      case "ListTaskPushNotificationConfig" -> Optional.of(LIST_PUSH);
      case "TaskSubscription" -> Optional.of(SUBSCRIBE_TO_TASK);
      default -> Optional.empty();
    };
  }

  /** By its JSON-RPC method of version 0.3. */
  static Optional<A2aOperation> ofOld(String method) {
    return Optional.ofNullable(OLD.get(method));
  }

  /** Whether it carries a message. */
  boolean sends() {
    return this == SEND_MESSAGE || this == SEND_STREAMING_MESSAGE;
  }

  /** Whether it is about one task that is named beside the operation. */
  boolean namesTask() {
    return switch (this) {
      case GET_TASK,
          CANCEL_TASK,
          SUBSCRIBE_TO_TASK,
          CREATE_PUSH,
          GET_PUSH,
          LIST_PUSH,
          DELETE_PUSH ->
          true;
      case SEND_MESSAGE, SEND_STREAMING_MESSAGE, LIST_TASKS, GET_EXTENDED_CARD -> false;
    };
  }
}
