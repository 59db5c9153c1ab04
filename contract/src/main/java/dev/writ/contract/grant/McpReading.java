package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Model Context Protocol over streamable HTTP, both eras: the action is JSON-RPC method and name
 * (actions.md).
 */
final class McpReading implements Reading {
  private final RequestHead head;
  private final @Nullable McpMessage message;

  /** A message is null for GET and DELETE of a session. */
  private McpReading(RequestHead head, @Nullable McpMessage message) {
    this.head = head;
    this.message = message;
  }

  static Reading of(RequestHead head, Content content, Ownership ownership)
      throws GrantException, MalformedException {
    if (Content.field(head, "upgrade") != null) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "upgrade");
    }
    McpReading reading =
        switch (head.method()) {
          case "GET", "DELETE" -> new McpReading(head, null);
          case "POST" -> {
            McpMessage message = McpMessage.read(content.json());
            McpHeaders.check(head, message);
            yield new McpReading(head, message);
          }
          default -> throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "method");
        };
    String session = McpHeaders.session(head);
    return session == null || ownership.ownsSession(session) ? reading : new Strange(reading);
  }

  @Override
  public Dialect dialect() {
    return message == null || message.method() == null || message.id() == null
        ? Dialect.HTTP
        : new Dialect.JsonRpc(message.id());
  }

  @Override
  public boolean isBase() {
    return message == null || message.isBase();
  }

  @Override
  public ActionResult.Begins begins() {
    return message != null && "initialize".equals(message.method())
        ? ActionResult.Begins.SESSION
        : ActionResult.Begins.NOTHING;
  }

  @Override
  public @Nullable Verdict differs(Match match) {
    if (!(match instanceof McpMatch mcp)) {
      return new Verdict.OtherProtocol();
    }
    if (message == null || message.method() == null || !mcp.methods().contains(message.method())) {
      return new Verdict.Differs(0, "method");
    }
    return named(mcp, message.target()) ? null : new Verdict.Differs(1, "name");
  }

  @Override
  public void check(Match match, List<Constraint> constraints)
      throws GrantException, MalformedException {
    Query query = Query.parse(Target.parse(head.target()).query());
    new Arguments(message == null ? null : message.arguments(), query, Map.of()).check(constraints);
  }

  static boolean named(McpMatch mcp, @Nullable String named) {
    if (mcp.names().isEmpty()) {
      return true;
    }
    String target = named == null ? "" : named;
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

  /** A message in a session that another caller opened: no rule grants that, nor the protocol. */
  private record Strange(Reading reading) implements Reading {
    @Override
    public Dialect dialect() {
      return reading.dialect();
    }

    @Override
    public boolean isBase() {
      return false;
    }

    @Override
    public Verdict differs(Match match) {
      return match instanceof McpMatch
          ? new Verdict.Differs(0, "session")
          : new Verdict.OtherProtocol();
    }

    @Override
    public void check(Match match, List<Constraint> constraints) throws GrantException {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "session of another caller");
    }
  }
}
