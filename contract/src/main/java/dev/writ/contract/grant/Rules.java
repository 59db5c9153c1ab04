package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Constraint;
import dev.writ.contract.document.Delegation;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules of a chain: those of the root whose action every block grants, with every block's
 * constraints added.
 */
final class Rules {
  private final List<? extends Block> blocks;
  private final RootContract root;

  Rules(List<? extends Block> blocks) {
    if (blocks.isEmpty() || !(blocks.get(0) instanceof RootContract first)) {
      throw new IllegalArgumentException("blocks: the first is not a root contract");
    }
    this.blocks = blocks;
    this.root = first;
  }

  /**
   * The first rule that holds wins; if none does, the first that matched gives the code. A broken
   * query ends all of it.
   */
  ActionResult decide(Reading reading) {
    if (reading.isBase() && root.base()) {
      return new ActionResult.Allowed(
          Names.BASE_ACTION, false, reading.dialect(), reading.begins());
    }
    ActionResult.Refused first = null;
    for (Rule rule : root.rules()) {
      try {
        switch (judge(rule, reading)) {
          case Verdict.Holds holds -> {
            return new ActionResult.Allowed(
                rule.action(), true, reading.dialect(), reading.begins());
          }
          case Verdict.Fails fails -> first = first == null ? refused(rule, fails, reading) : first;
          case Verdict.OtherProtocol other -> {}
          case Verdict.LeftOut left -> {}
          case Verdict.Differs differs -> {}
        }
      } catch (MalformedException e) {
        return new ActionResult.Refused(
            ErrorCode.MALFORMED, String.valueOf(e.getMessage()), null, reading.dialect());
      }
    }
    if (first != null) {
      return first;
    }
    String reason = reading.isBase() ? "base protocol" : "no rule matches";
    return new ActionResult.Refused(ErrorCode.ACTION_NOT_GRANTED, reason, null, reading.dialect());
  }

  /** What one rule says. */
  Verdict judge(Rule rule, Reading reading) throws MalformedException {
    Verdict differs = reading.differs(rule.match());
    if (differs != null) {
      return differs;
    }
    if (!grants(rule)) {
      return new Verdict.LeftOut();
    }
    try {
      reading.check(rule.match(), constraints(rule));
      return new Verdict.Holds();
    } catch (GrantException e) {
      return new Verdict.Fails(e.code(), e.reason(), e.constraint());
    }
  }

  private static ActionResult.Refused refused(Rule rule, Verdict.Fails fails, Reading reading) {
    return new ActionResult.Refused(fails.code(), fails.reason(), rule.action(), reading.dialect());
  }

  /** Whether no block left the action out. */
  boolean grants(Rule rule) {
    for (Block block : blocks) {
      if (!block.actions().contains(rule.action())) {
        return false;
      }
    }
    return true;
  }

  /** Delegations add constraints, they replace none. */
  private List<Constraint> constraints(Rule rule) {
    if (blocks.size() == 1) {
      return rule.arguments();
    }
    List<Constraint> all = new ArrayList<>(rule.arguments());
    for (Block block : blocks) {
      if (block instanceof Delegation delegation) {
        all.addAll(delegation.arguments().getOrDefault(rule.action(), List.of()));
      }
    }
    return all;
  }

  /** In the order of the document. */
  List<Rule> all() {
    return root.rules();
  }
}
