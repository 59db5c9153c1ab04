package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain HTTP: the action is method and path (actions.md, Rules). */
final class HttpReading implements Reading {
  private final RequestHead head;
  private final Target target;
  private final Content content;
  private final boolean upgrade;
  private @Nullable Query query;

  private HttpReading(RequestHead head, Target target, Content content) {
    this.head = head;
    this.target = target;
    this.content = content;
    this.upgrade = Content.field(head, "upgrade") != null;
  }

  static Reading of(RequestHead head, Content content) throws MalformedException {
    return new HttpReading(head, Target.parse(head.target()), content);
  }

  @Override
  public Dialect dialect() {
    return Dialect.HTTP;
  }

  @Override
  public boolean isBase() {
    return false;
  }

  @Override
  public @Nullable Verdict differs(Match match) {
    if (!(match instanceof HttpMatch http)) {
      return new Verdict.OtherProtocol();
    }
    if (captures(http) == null) {
      return new Verdict.Differs(0, "path");
    }
    if (!http.methods().contains(head.method())) {
      return new Verdict.Differs(1, "method");
    }
    return upgrade && !http.upgradeWebsocket() ? new Verdict.Differs(2, "upgrade") : null;
  }

  @Override
  public void check(Match match, List<Constraint> constraints)
      throws GrantException, MalformedException {
    if (query == null) {
      query = Query.parse(target.query());
    }
    JsonValue json = constraints.stream().anyMatch(Constraint::readsBody) ? content.json() : null;
    Map<String, String> captures = match instanceof HttpMatch http ? captures(http) : null;
    new Arguments(json, query, captures == null ? Map.of() : captures).check(constraints);
  }

  /** The captures of the first path that matches, null when none does. */
  private @Nullable Map<String, String> captures(HttpMatch http) {
    for (PathMatch path : http.paths()) {
      Map<String, String> captures = path.match(target.path());
      if (captures != null) {
        return captures;
      }
    }
    return null;
  }
}
