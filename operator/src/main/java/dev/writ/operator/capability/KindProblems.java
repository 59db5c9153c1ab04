package dev.writ.operator.capability;

import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Constraint.Place;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.Match.A2aMatch;
import dev.writ.contract.document.Match.GrpcMatch;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.document.Rule;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What keeps a rule of one protocol from ever matching, because of that protocol. (actions.md) */
final class KindProblems {
  /** MCP methods that name something. */
  private static final Set<String> NAMING =
      Set.of(
          "tools/call",
          "prompts/get",
          "resources/read",
          "resources/subscribe",
          "resources/unsubscribe",
          "tasks/get",
          "tasks/result",
          "tasks/update",
          "tasks/cancel");

  private static final Set<String> SENDING = Set.of("SendMessage", "SendStreamingMessage");
  private static final String PUSHING = "CreateTaskPushNotificationConfig";

  private KindProblems() {}

  /** What is wrong with the rule, and what to write instead; null when nothing is. */
  static @Nullable String find(Rule rule) {
    return switch (rule.match()) {
      case HttpMatch http -> http(http);
      case McpMatch mcp -> mcp(mcp);
      case A2aMatch a2a -> a2a(a2a, rule.arguments());
      case GrpcMatch grpc -> grpc(rule.arguments());
    };
  }

  private static @Nullable String http(HttpMatch http) {
    return http.upgradeWebsocket() && !http.methods().contains("GET")
        ? "a WebSocket is opened by GET; add GET to methods, or leave upgrade out"
        : null;
  }

  private static @Nullable String mcp(McpMatch mcp) {
    boolean named = !mcp.names().isEmpty() && !mcp.names().contains("*");
    return named && mcp.methods().stream().noneMatch(NAMING::contains)
        ? "no message of " + mcp.methods() + " names anything; leave names out"
        : null;
  }

  private static @Nullable String a2a(A2aMatch a2a, List<Constraint> arguments) {
    boolean sends = a2a.operations().stream().anyMatch(SENDING::contains);
    if (a2a.ownTasks() && a2a.operations().equals(List.of("ListTasks"))) {
      return "ListTasks lists the tasks of every caller; write tasks: Any, or leave it out";
    }
    if (!a2a.skills().isEmpty() && !sends) {
      return "only a message states a skill, and none of "
          + a2a.operations()
          + " sends one; leave skills out, or add SendMessage";
    }
    if (!sends && !a2a.operations().contains(PUSHING)) {
      for (Constraint constraint : arguments) {
        if (constraint.readsBody() && constraint.isRequired()) {
          return "no operation of "
              + a2a.operations()
              + " carries data that a pointer could point into; leave the argument out";
        }
      }
    }
    return null;
  }

  private static @Nullable String grpc(List<Constraint> arguments) {
    for (Constraint constraint : arguments) {
      if (constraint.isRequired()) {
        String place = constraint.place() instanceof Place.Pointer ? "pointer" : "query and path";
        return "messages of gRPC are not read, and there is no "
            + place
            + " in them; leave arguments out, and grant by service and methods";
      }
    }
    return null;
  }

  /** The word of a rule's protocol. */
  static String word(Match match) {
    return switch (match) {
      case HttpMatch http -> "http";
      case McpMatch mcp -> "mcp";
      case A2aMatch a2a -> "a2a";
      case GrpcMatch grpc -> "grpc";
    };
  }
}
