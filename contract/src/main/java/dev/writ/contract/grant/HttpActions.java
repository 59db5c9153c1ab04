package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match.HttpMatch;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.Rule;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.verify.RequestHead;
import dev.writ.contract.verify.Target;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain HTTP: the action is method and path (actions.md, Rules). */
final class HttpActions {
  private final Rules rules;
  private final RequestHead head;
  private final Target target;
  private final Content content;
  private final boolean upgrade;

  private HttpActions(Rules rules, RequestHead head, Target target, Content content) {
    this.rules = rules;
    this.head = head;
    this.target = target;
    this.content = content;
    this.upgrade = Content.field(head, "upgrade") != null;
  }

  static ActionResult decide(Rules rules, RequestHead head, Content content) {
    try {
      return new HttpActions(rules, head, Target.parse(head.target()), content).decide();
    } catch (MalformedException e) {
      return new ActionResult.Refused(ErrorCode.MALFORMED, String.valueOf(e.getMessage()), null);
    }
  }

  /** The first rule that holds wins; if none does, the first that matched gives the code. */
  private ActionResult decide() throws MalformedException {
    ActionResult first = null;
    Query query = null;
    for (Rule rule : rules.all()) {
      Map<String, String> captures =
          rule.match() instanceof HttpMatch http && rules.grants(rule) ? match(http) : null;
      if (captures == null) {
        continue;
      }
      query = query == null ? Query.parse(target.query()) : query;
      ActionResult result = decide(rule, query, captures);
      if (result instanceof ActionResult.Allowed) {
        return result;
      }
      first = first == null ? result : first;
    }
    return first == null
        ? new ActionResult.Refused(ErrorCode.ACTION_NOT_GRANTED, "no rule matches", null)
        : first;
  }

  private ActionResult decide(Rule rule, Query query, Map<String, String> captures) {
    List<Constraint> constraints = rules.constraints(rule);
    try {
      JsonValue json = constraints.stream().anyMatch(Constraint::readsBody) ? content.json() : null;
      new Arguments(json, query, captures).check(constraints);
      return new ActionResult.Allowed(rule.action(), true);
    } catch (GrantException e) {
      return new ActionResult.Refused(e.code(), e.reason(), rule.action());
    }
  }

  /** The captures of the first path that matches, null when none does. */
  private @Nullable Map<String, String> match(HttpMatch http) {
    if (!http.methods().contains(head.method()) || (upgrade && !http.upgradeWebsocket())) {
      return null;
    }
    for (PathMatch path : http.paths()) {
      Map<String, String> captures = path.match(target.path());
      if (captures != null) {
        return captures;
      }
    }
    return null;
  }
}
