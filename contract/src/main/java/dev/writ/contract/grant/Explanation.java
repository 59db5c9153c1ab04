package dev.writ.contract.grant;

import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.Rule;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Why a request is or is not granted: what each rule says of it, by the code that decides. Pure.
 * (actions.md)
 *
 * @param result the decision
 * @param rules what each rule says, in the order of the root; empty when the request was refused
 *     before any was asked, or is a message of the protocol itself
 */
public record Explanation(ActionResult result, List<Said> rules) {
  /**
   * What one rule says.
   *
   * @param index in the root contract
   */
  public record Said(int index, Rule rule, Verdict verdict) {}

  /** Copies. */
  public Explanation {
    rules = List.copyOf(rules);
  }

  /**
   * Explains a request under the blocks of a chain, root first; what other callers own is left to
   * the gate.
   */
  public static Explanation of(
      List<Block> blocks, RequestHead head, byte[] body, Protocol protocol) {
    List<Said> said = new ArrayList<>();
    try {
      Reading reading = Actions.read(head, body, protocol, Ownership.ALL);
      Rules rules = new Rules(blocks);
      for (Rule rule : rules.all()) {
        said.add(new Said(said.size(), rule, rules.judge(rule, reading)));
      }
    } catch (GrantException | MalformedException e) {
      // The decision below says so.
      said.clear();
    }
    return new Explanation(Actions.decide(blocks, head, body, protocol), said);
  }

  /** The rule that came nearest to granting the request; of two equally near, the first. */
  public Optional<Said> nearest() {
    Said best = null;
    for (Said one : rules) {
      if (nearness(one.verdict()) > (best == null ? 0 : nearness(best.verdict()))) {
        best = one;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int nearness(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Holds holds -> Integer.MAX_VALUE;
      case Verdict.Fails fails -> Integer.MAX_VALUE - 1;
      case Verdict.LeftOut left -> Integer.MAX_VALUE - 2;
      case Verdict.Differs differs -> 1 + differs.agreeing();
      case Verdict.OtherProtocol other -> 0;
    };
  }
}
