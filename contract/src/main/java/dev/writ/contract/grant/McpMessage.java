package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonNumber;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.json.JsonValue.JsonString;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON-RPC message of the Model Context Protocol, strictly read (actions.md, Strict bodies).
 *
 * @param method null for a response
 * @param id whether it has one; a notification has none
 * @param target tool, prompt, resource or task that it names; null when the method names none
 * @param arguments of the call; null when there are none
 */
record McpMessage(
    @Nullable String method, boolean id, @Nullable String target, @Nullable JsonValue arguments) {
  private static final Set<String> ENVELOPE =
      Set.of("jsonrpc", "id", "method", "params", "result", "error");
  private static final Set<String> PARAMS =
      Set.of(
          "name",
          "uri",
          "arguments",
          "taskid",
          "ref",
          "_meta",
          "inputresponses",
          "requeststate",
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
    if (!(body instanceof JsonObject envelope)) {
      throw malformed("JSON-RPC: not one object");
    }
    refuseFolded(envelope, ENVELOPE);
    if (!(envelope.get("jsonrpc") instanceof JsonString version)
        || !version.value().equals("2.0")) {
      throw malformed("JSON-RPC envelope");
    }
    JsonValue id = envelope.get("id");
    boolean answer = envelope.get("result") != null || envelope.get("error") != null;
    if (id != null && !(id instanceof JsonString) && !(id instanceof JsonNumber)) {
      throw malformed("JSON-RPC id");
    }
    JsonValue method = envelope.get("method");
    if (method == null) {
      return response(envelope, id);
    }
    if (!(method instanceof JsonString name) || answer) {
      throw malformed("JSON-RPC envelope");
    }
    JsonValue params = envelope.get("params");
    if (params == null) {
      return new McpMessage(name.value(), id != null, named(name.value(), null), null);
    }
    if (!(params instanceof JsonObject object)) {
      throw malformed("JSON-RPC params");
    }
    refuseFolded(object, PARAMS);
    return new McpMessage(
        name.value(), id != null, named(name.value(), object), object.get("arguments"));
  }

  /**
   * A legacy client answers a request of the server: exactly one of result and error, and the id
   * asked with.
   */
  private static McpMessage response(JsonObject envelope, @Nullable JsonValue id)
      throws GrantException {
    boolean one = (envelope.get("result") == null) != (envelope.get("error") == null);
    if (!one || id == null || envelope.get("params") != null) {
      throw malformed("JSON-RPC envelope");
    }
    return new McpMessage(null, true, null, null);
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
    return method == null || BASE.contains(method) || (method.startsWith("notifications/") && !id);
  }

  /**
   * Names that some parser would take for a known one: other case, full width, hidden characters.
   */
  private static void refuseFolded(JsonObject object, Set<String> known) throws GrantException {
    for (String name : object.members().keySet()) {
      String folded = fold(name);
      if (known.contains(folded) && !name.equals(folded) && !name.equals(camel(folded))) {
        throw malformed("member name folds to a known one");
      }
    }
  }

  /** The one spelling of the known names that are not all lower case. */
  private static String camel(String folded) {
    return switch (folded) {
      case "taskid" -> "taskId";
      case "inputresponses" -> "inputResponses";
      case "requeststate" -> "requestState";
      default -> folded;
    };
  }

  private static String fold(String name) {
    if (isPlain(name)) {
      return name;
    }
    String normal = Normalizer.normalize(name, Normalizer.Form.NFKC);
    StringBuilder visible = new StringBuilder(normal.length());
    normal
        .codePoints()
        .filter(
            c ->
                Character.getType(c) != Character.CONTROL
                    && Character.getType(c) != Character.FORMAT)
        .forEach(visible::appendCodePoint);
    return visible.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).strip();
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!(c >= 'a' && c <= 'z') && c != '_') {
        return false;
      }
    }
    return true;
  }

  private static GrantException malformed(String reason) {
    return new GrantException(ErrorCode.MALFORMED, reason);
  }
}
