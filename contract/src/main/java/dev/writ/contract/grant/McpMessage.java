package dev.writ.contract.grant;

import static dev.writ.contract.grant.GrantException.malformed;

import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One message of the Model Context Protocol, strictly read (actions.md, Strict bodies).
 *
 * @param method null for a response
 * @param id null for a notification
 * @param target tool, prompt, resource or task that it names; null when the method names none
 * @param arguments of the call; null when there are none
 */
record McpMessage(
    @Nullable String method,
    @Nullable JsonValue id,
    @Nullable String target,
    @Nullable JsonValue arguments) {
  private static final Spelling PARAMS =
      Spelling.exact(
          "name",
          "uri",
          "arguments",
          "taskId",
          "ref",
          "_meta",
          "inputResponses",
          "requestState",
          "task");
  private static final Set<String> BASE =
      Set.of(
          "initialize",
          "server/discover",
          "ping",
          "tools/list",
          "prompts/list",
          "resources/list",
          "resources/templates/list",
          "logging/setLevel",
          "completion/complete");

  static McpMessage read(JsonValue body) throws GrantException {
    JsonRpc message = JsonRpc.read(body);
    String method = message.method();
    JsonObject params = message.params();
    if (method == null) {
      return new McpMessage(null, message.id(), null, null);
    }
    if (params == null) {
      return new McpMessage(method, message.id(), named(method, null), null);
    }
    PARAMS.check(params);
    return new McpMessage(method, message.id(), named(method, params), params.get("arguments"));
  }

  private static @Nullable String named(String method, @Nullable JsonObject params)
      throws GrantException {
    String member =
        switch (method) {
          case "tools/call", "prompts/get" -> "name";
          case "resources/read", "resources/subscribe", "resources/unsubscribe" -> "uri";
          case "tasks/get", "tasks/result", "tasks/update", "tasks/cancel" -> "taskId";
          default -> null;
        };
    if (member == null) {
      return null;
    }
    if (params != null && params.get(member) instanceof JsonString text) {
      return text.value();
    }
    throw malformed("MCP: no " + member);
  }

  /** A response, or a message that every holder may send. */
  boolean isBase() {
    return method == null
        || BASE.contains(method)
        || (method.startsWith("notifications/") && id == null);
  }
}
