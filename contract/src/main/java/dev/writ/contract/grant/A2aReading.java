package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.Match.A2aMatch;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonValue.JsonObject;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Agent2Agent in each of its bindings, versions 0.3 and 1.0: the action is the operation, by its
 * name of version 1.0, and the skill that the message states (actions.md).
 */
final class A2aReading implements Reading {
  private static final List<String> CARDS =
      List.of("/.well-known/agent-card.json", "/.well-known/agent.json");
  private static final JsonObject EMPTY = new JsonObject(Map.of());

  private final Target target;
  private final @Nullable A2aCall call;
  private final Dialect dialect;
  private final Ownership ownership;

  /** A call is null for the agent card. */
  private A2aReading(Target target, @Nullable A2aCall call, Dialect dialect, Ownership ownership) {
    this.target = target;
    this.call = call;
    this.dialect = dialect;
    this.ownership = ownership;
  }

  /** How requests of one caller are read. */
  static A2aReading of(RequestHead head, Content content, Ownership ownership)
      throws GrantException, MalformedException {
    if (Content.field(head, "upgrade") != null) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "upgrade");
    }
    Target target = Target.parse(head.target());
    if (GrpcReading.isGrpc(head)) {
      return new A2aReading(
          target, A2aGrpc.read(target.path(), content.bytes()), new Dialect.Grpc(), ownership);
    }
    if (head.method().equals("GET") && CARDS.contains(target.path())) {
      content.none();
      return new A2aReading(target, null, Dialect.HTTP, ownership);
    }
    A2aRoute route = A2aRoute.of(head.method(), target.path());
    if (route != null) {
      return new A2aReading(
          target, rest(head, target, route, content), new Dialect.RpcStatus(), ownership);
    }
    if (!head.method().equals("POST")) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "method");
    }
    if (A2aRoute.resembles(target.path())) {
      throw GrantException.malformed("path that resembles one of the HTTP binding");
    }
    JsonRpc message = JsonRpc.alone(content.json());
    return new A2aReading(target, rpc(message), dialect(message), ownership);
  }

  private static Dialect dialect(JsonRpc message) {
    return message.id() == null ? Dialect.HTTP : new Dialect.JsonRpc(message.id());
  }

  private static A2aCall rpc(JsonRpc message) throws GrantException {
    String method = message.method();
    if (method == null) {
      throw GrantException.malformed("JSON-RPC envelope");
    }
    Optional<A2aOperation> operation = A2aOperation.of(method);
    Optional<A2aOperation> older = A2aOperation.ofOld(method);
    if (operation.isEmpty() && older.isEmpty()) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "unknown operation");
    }
    JsonObject params = message.params() == null ? EMPTY : message.params();
    return operation.isPresent()
        ? A2aCall.read(operation.get(), false, params, null)
        : A2aCall.read(older.orElseThrow(), true, params, null);
  }

  private static A2aCall rest(RequestHead head, Target target, A2aRoute route, Content content)
      throws GrantException, MalformedException {
    Query query = Query.parse(target.query());
    for (String name : List.of("id", "name", "taskId", "task_id", "message")) {
      if (!query.of(name).isEmpty()) {
        throw GrantException.malformed("query that names what the path names");
      }
    }
    boolean body = head.method().equals("POST") && !content.isEmpty();
    if (!head.method().equals("POST")) {
      content.none();
    }
    JsonValue json = body ? content.json() : EMPTY;
    if (!(json instanceof JsonObject params)) {
      throw GrantException.malformed("A2A: not one object");
    }
    if (params.get("jsonrpc") != null || params.get("method") != null) {
      throw GrantException.malformed("A2A: two bindings at once");
    }
    return A2aCall.read(route.operation(), false, params, route.task());
  }

  /** The same caller's request to be called at a URL, when the call has one within it. */
  @Nullable A2aReading pushing() {
    if (call == null || call.push() == null || call.operation() == A2aOperation.CREATE_PUSH) {
      return null;
    }
    A2aCall push = new A2aCall(A2aOperation.CREATE_PUSH, null, List.of(), call.push());
    return new A2aReading(target, push, dialect, ownership);
  }

  @Override
  public Dialect dialect() {
    return dialect;
  }

  @Override
  public boolean isBase() {
    return call == null;
  }

  @Override
  public ActionResult.Begins begins() {
    // A message to a task that is there begins none, whoever's it is.
    return call != null && call.operation().sends() && call.tasks().isEmpty()
        ? ActionResult.Begins.TASK
        : ActionResult.Begins.NOTHING;
  }

  @Override
  public @Nullable Verdict differs(Match match) {
    if (!(match instanceof A2aMatch a2a)) {
      return new Verdict.OtherProtocol();
    }
    if (call == null || !a2a.operations().contains(call.operation().word())) {
      return new Verdict.Differs(0, "operation");
    }
    A2aMessage message = call.message();
    if (message == null || a2a.skills().isEmpty()) {
      return null;
    }
    if (message.skill() == null) {
      return new Verdict.Differs(1, "skill, which the message does not state");
    }
    return a2a.skills().contains(message.skill()) ? null : new Verdict.Differs(1, "skill");
  }

  @Override
  public void check(Match match, List<Constraint> constraints)
      throws GrantException, MalformedException {
    if (call == null || !(match instanceof A2aMatch a2a)) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "no rule matches");
    }
    A2aMessage message = call.message();
    if (message != null && message.free() && !a2a.textParts()) {
      throw new GrantException(ErrorCode.ARGUMENT_NOT_ALLOWED, "a part that is not data");
    }
    if (a2a.ownTasks()) {
      checkOwn();
    }
    Query query = Query.parse(target.query());
    new Arguments(arguments(constraints), query, Map.of()).check(constraints);
  }

  private void checkOwn() throws GrantException {
    if (call == null || call.operation() == A2aOperation.LIST_TASKS) {
      throw new GrantException(ErrorCode.ARGUMENT_NOT_ALLOWED, "tasks of every caller");
    }
    for (String task : call.tasks()) {
      if (!ownership.ownsTask(task)) {
        throw new GrantException(ErrorCode.ARGUMENT_NOT_ALLOWED, "task of another caller");
      }
    }
  }

  /** The value of the one data part; of two, an app may take the other. */
  private @Nullable JsonValue arguments(List<Constraint> constraints) throws GrantException {
    A2aMessage message = call == null ? null : call.message();
    if (message == null) {
      return call == null ? null : call.push();
    }
    if (message.data().size() > 1 && constraints.stream().anyMatch(Constraint::readsBody)) {
      throw new GrantException(ErrorCode.ARGUMENT_NOT_ALLOWED, "several data parts");
    }
    return message.data().isEmpty() ? null : message.data().get(0);
  }
}
