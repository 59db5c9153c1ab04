package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.document.Rule;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.util.Map;

/**
 * Model Context Protocol over streamable HTTP, both eras: the action is JSON-RPC method and name
 * (actions.md).
 */
final class McpActions {
  private static final ActionResult BASE = new ActionResult.Allowed(Names.BASE_ACTION, false);

  private final Rules rules;
  private final RequestHead head;
  private final McpMessage message;

  private McpActions(Rules rules, RequestHead head, McpMessage message) {
    this.rules = rules;
    this.head = head;
    this.message = message;
  }

  static ActionResult decide(Rules rules, RequestHead head, Content content) {
    boolean base = rules.root().base();
    if (Content.field(head, "upgrade") != null) {
      return notGranted("upgrade");
    }
    return switch (head.method()) {
      case "GET", "DELETE" -> base ? BASE : notGranted("base protocol");
      case "POST" -> post(rules, head, content);
      default -> notGranted("method");
    };
  }

  private static ActionResult post(Rules rules, RequestHead head, Content content) {
    try {
      McpMessage message = McpMessage.read(content.json());
      McpHeaders.check(head, message);
      return new McpActions(rules, head, message).decide();
    } catch (GrantException e) {
      return new ActionResult.Refused(e.code(), e.reason(), null);
    } catch (MalformedException e) {
      return new ActionResult.Refused(ErrorCode.MALFORMED, String.valueOf(e.getMessage()), null);
    }
  }

  private ActionResult decide() throws MalformedException {
    if (message.isBase() && rules.root().base()) {
      return BASE;
    }
    Query query = Query.parse(Target.parse(head.target()).query());
    ActionResult first = null;
    for (Rule rule : rules.all()) {
      if (!(rule.match() instanceof McpMatch mcp) || !rules.grants(rule) || !matches(mcp)) {
        continue;
      }
      ActionResult result = decide(rule, query);
      if (result instanceof ActionResult.Allowed) {
        return result;
      }
      first = first == null ? result : first;
    }
    if (first != null) {
      return first;
    }
    return notGranted(message.isBase() ? "base protocol" : "no rule matches");
  }

  private ActionResult decide(Rule rule, Query query) {
    try {
      new Arguments(message.arguments(), query, Map.of()).check(rules.constraints(rule));
      return new ActionResult.Allowed(rule.action(), true);
    } catch (GrantException e) {
      return new ActionResult.Refused(e.code(), e.reason(), rule.action());
    }
  }

  private boolean matches(McpMatch mcp) {
    String method = message.method();
    if (method == null || !mcp.methods().contains(method)) {
      return false;
    }
    String target = message.target() == null ? "" : message.target();
    for (String name : mcp.names()) {
      if (name.equals(target)) {
        return true;
      }
      boolean any = name.endsWith("*") && target.startsWith(name.substring(0, name.length() - 1));
      if (any && !stepsUp(target)) {
        return true;
      }
    }
    return false;
  }

  /**
   * A name with dot segments could leave the prefix that was granted, at the server that resolves
   * it.
   */
  private static boolean stepsUp(String name) {
    String plain = name.replace('\\', '/');
    for (int i = 0; i < 2; i++) {
      plain = plain.replace("%2e", ".").replace("%2E", ".").replace("%2f", "/").replace("%2F", "/");
      plain = plain.replace("%5c", "/").replace("%5C", "/").replace("%25", "%");
    }
    String bounded = "/" + plain + "/";
    return bounded.contains("/../") || bounded.contains("/./");
  }

  private static ActionResult notGranted(String reason) {
    return new ActionResult.Refused(ErrorCode.ACTION_NOT_GRANTED, reason, null);
  }
}
