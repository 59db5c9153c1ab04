package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Match;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request as its protocol reads it, before any rule is looked at. */
interface Reading {
  /** How the client wants to be refused. */
  Dialect dialect();

  /** Whether it is a message of the protocol itself, that every holder may send. */
  boolean isBase();

  /** What it begins at the app. */
  default ActionResult.Begins begins() {
    return ActionResult.Begins.NOTHING;
  }

  /** Null when the rule matches; else how it does not. */
  @Nullable Verdict differs(Match match);

  /** What the rule wants beside its arguments, and the arguments; throws when one fails. */
  void check(Match match, List<Constraint> constraints) throws GrantException, MalformedException;
}
