package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Match.A2aMatch;
import dev.writ.contract.document.Match.GrpcMatch;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.Match.McpMatch;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * One rule of a root contract: what it matches, and what the arguments must be.
 *
 * @param action the action that it grants
 * @param match exactly one kind
 * @param arguments all must hold; may be empty
 */
public record Rule(String action, Match match, List<Constraint> arguments) {
  /** Copies. */
  public Rule {
    arguments = List.copyOf(arguments);
  }

  /** Reads one entry of {@code rules}, strictly; {@code where} goes into the message. */
  public static Rule read(String where, JsonValue value) throws MalformedException {
    Rule rule = uncompiled(where, value);
    rule.compile();
    return rule;
  }

  /** Compiles the patterns; throws when one is not RE2. */
  void compile() throws MalformedException {
    for (Constraint constraint : arguments) {
      constraint.compile();
    }
  }

  static Rule uncompiled(String where, JsonValue value) throws MalformedException {
    Members members = Members.of(where, value);
    String action = members.string("action");
    if (!Text.isAction(action)) {
      throw members.error("action is not a name");
    }
    Match match = match(members);
    List<Constraint> arguments =
        members.has("arguments") ? constraints(members, "arguments") : List.of();
    members.end();
    return new Rule(action, match, arguments);
  }

  static List<Constraint> constraints(Members members, String name) throws MalformedException {
    List<Constraint> constraints = new ArrayList<>();
    for (JsonValue item : members.items(name)) {
      constraints.add(Constraint.uncompiled(name + "[" + constraints.size() + "]", item));
    }
    return constraints;
  }

  private static Match match(Members rule) throws MalformedException {
    int kinds = 0;
    for (String kind : List.of("http", "mcp", "a2a", "grpc")) {
      kinds += rule.has(kind) ? 1 : 0;
    }
    if (kinds != 1) {
      throw rule.error("not exactly one of http, mcp, a2a and grpc");
    }
    if (rule.has("http")) {
      return http(rule.object("http"));
    }
    if (rule.has("mcp")) {
      return mcp(rule.object("mcp"));
    }
    return rule.has("a2a") ? a2a(rule.object("a2a")) : grpc(rule.object("grpc"));
  }

  private static HttpMatch http(Members http) throws MalformedException {
    List<String> methods = http.someStrings("methods");
    for (String method : methods) {
      if (!Text.isToken(method)) {
        throw http.error("methods holds what is not a method");
      }
    }
    List<PathMatch> paths = new ArrayList<>();
    for (JsonValue item : http.items("paths")) {
      paths.add(PathMatch.read("paths[" + paths.size() + "]", item));
    }
    boolean upgrade = http.has("upgrade");
    if (upgrade) {
      http.constant("upgrade", "websocket");
    }
    http.end();
    return new HttpMatch(methods, paths, upgrade);
  }

  private static McpMatch mcp(Members mcp) throws MalformedException {
    List<String> methods =
        mcp.has("methods") ? mcp.someStrings("methods") : McpMatch.DEFAULT_METHODS;
    List<String> names = mcp.has("names") ? mcp.someStrings("names") : List.of();
    mcp.end();
    if (methods.contains("") || names.contains("")) {
      throw mcp.error("empty name");
    }
    return new McpMatch(methods, names);
  }

  private static A2aMatch a2a(Members a2a) throws MalformedException {
    List<String> operations = a2a.someStrings("operations");
    for (String operation : operations) {
      if (!A2aMatch.OPERATIONS.contains(operation)) {
        throw a2a.error("operations holds what is no operation of A2A 1.0");
      }
    }
    List<String> skills = a2a.has("skills") ? a2a.someStrings("skills") : List.of();
    boolean text = !a2a.has("textParts") || choice(a2a, "textParts", "Allow", "Deny");
    boolean own = !a2a.has("tasks") || choice(a2a, "tasks", "Own", "Any");
    a2a.end();
    return new A2aMatch(operations, skills, text, own);
  }

  private static GrpcMatch grpc(Members grpc) throws MalformedException {
    String service = grpc.string("service");
    List<String> methods = grpc.someStrings("methods");
    boolean streaming = grpc.has("streaming") && grpc.bool("streaming");
    grpc.end();
    if (!Text.isToken(service) || !methods.stream().allMatch(Text::isToken)) {
      throw grpc.error("service or methods is not a name");
    }
    return new GrpcMatch(service, methods, streaming);
  }

  /** True for the first word, false for the second. */
  private static boolean choice(Members members, String name, String yes, String no)
      throws MalformedException {
    String word = members.string(name);
    if (!word.equals(yes) && !word.equals(no)) {
      throw members.error(name + " is neither " + yes + " nor " + no);
    }
    return word.equals(yes);
  }

  void write(JsonWriter json) {
    json.beginObject().member("action", action);
    switch (match) {
      case HttpMatch http -> write(json, http);
      case McpMatch mcp -> {
        json.name("mcp").beginObject().member("methods", mcp.methods());
        if (!mcp.names().isEmpty()) {
          json.member("names", mcp.names());
        }
        json.endObject();
      }
      case A2aMatch a2a -> write(json, a2a);
      case GrpcMatch grpc -> {
        json.name("grpc").beginObject().member("service", grpc.service());
        json.member("methods", grpc.methods());
        if (grpc.streaming()) {
          json.member("streaming", true);
        }
        json.endObject();
      }
    }
    if (!arguments.isEmpty()) {
      json.name("arguments").beginArray();
      arguments.forEach(constraint -> constraint.write(json));
      json.endArray();
    }
    json.endObject();
  }

  private static void write(JsonWriter json, HttpMatch http) {
    json.name("http").beginObject().member("methods", http.methods()).name("paths").beginArray();
    for (PathMatch path : http.paths()) {
      json.beginObject()
          .member("type", path.type().wire())
          .member("value", path.value())
          .endObject();
    }
    json.endArray();
    if (http.upgradeWebsocket()) {
      json.member("upgrade", "websocket");
    }
    json.endObject();
  }

  private static void write(JsonWriter json, A2aMatch a2a) {
    json.name("a2a").beginObject().member("operations", a2a.operations());
    if (!a2a.skills().isEmpty()) {
      json.member("skills", a2a.skills());
    }
    json.member("textParts", a2a.textParts() ? "Allow" : "Deny")
        .member("tasks", a2a.ownTasks() ? "Own" : "Any");
    json.endObject();
  }
}
