package dev.writ.contract.document;

import java.util.List;

/** What a rule matches, by kind of protocol (actions.md, Rules). Immutable. */
public sealed interface Match {
  /**
   * Method and path.
   *
   * @param methods exact, such as {@code POST}
   * @param paths one of them must match the decoded path
   * @param upgradeWebsocket whether a WebSocket may be opened here
   */
  record HttpMatch(List<String> methods, List<PathMatch> paths, boolean upgradeWebsocket)
      implements Match {
    /** Copies. */
    public HttpMatch {
      methods = List.copyOf(methods);
      paths = List.copyOf(paths);
    }
  }

  /**
   * A message of the Model Context Protocol.
   *
   * @param methods JSON-RPC methods
   * @param names tool, prompt or resource URI; a trailing {@code *} stands for any rest; empty =
   *     any
   */
  record McpMatch(List<String> methods, List<String> names) implements Match {
    /** Used when the document names no method. */
    public static final List<String> DEFAULT_METHODS = List.of("tools/call");

    /** Copies. */
    public McpMatch {
      methods = List.copyOf(methods);
      names = List.copyOf(names);
    }
  }

  /**
   * An operation of the Agent2Agent protocol.
   *
   * @param operations 1.0 names
   * @param skills empty = any
   * @param textParts whether text parts are allowed
   * @param ownTasks whether only tasks that the caller created may be named
   */
  record A2aMatch(List<String> operations, List<String> skills, boolean textParts, boolean ownTasks)
      implements Match {
    /** What can be asked of an agent. */
    public static final List<String> OPERATIONS =
        List.of(
            "SendMessage",
            "SendStreamingMessage",
            "GetTask",
            "ListTasks",
            "CancelTask",
            "SubscribeToTask",
            "CreateTaskPushNotificationConfig",
            "GetTaskPushNotificationConfig",
            "ListTaskPushNotificationConfigs",
            "DeleteTaskPushNotificationConfig",
            "GetExtendedAgentCard");

    /** Copies. */
    public A2aMatch {
      operations = List.copyOf(operations);
      skills = List.copyOf(skills);
    }
  }

  /**
   * A gRPC method.
   *
   * @param service fully qualified
   * @param methods of the service
   * @param streaming whether a call may stream what no proof covers
   */
  record GrpcMatch(String service, List<String> methods, boolean streaming) implements Match {
    /** Copies. */
    public GrpcMatch {
      methods = List.copyOf(methods);
    }
  }
}
