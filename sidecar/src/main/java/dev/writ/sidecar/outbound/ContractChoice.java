package dev.writ.sidecar.outbound;

import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.grant.ActionResult;
import dev.writ.contract.grant.Actions;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import dev.writ.sidecar.state.HeldContract;
import dev.writ.sidecar.work.HeldChain;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Picks the contract to call with. Pure; decides by the code that the gate decides by. (actions.md)
 */
final class ContractChoice {
  private ContractChoice() {}

  /**
   * The contracts that may be shown to the service, in an order that does not depend on the
   * operator's.
   *
   * @param now epoch seconds
   */
  static List<HeldContract> covering(List<HeldContract> held, SpiffeId service, long now) {
    return held.stream()
        .filter(
            one ->
                one.contract().aud().equals(service.toString())
                    && now >= one.contract().nbf()
                    && now < one.contract().exp())
        .sorted(Comparator.comparing(one -> one.contract().cid()))
        .toList();
  }

  /**
   * The first that grants the request. If none does, the first of all, so that the gate refuses and
   * records what was tried.
   *
   * @param chains not empty, in the order of preference
   */
  static HeldChain choose(List<HeldChain> chains, RequestHead head, byte[] body) {
    for (HeldChain one : chains) {
      for (Protocol protocol : protocols((RootContract) one.blocks().getFirst())) {
        if (Actions.decide(one.blocks(), head, body, protocol) instanceof ActionResult.Allowed) {
          return one;
        }
      }
    }
    return chains.getFirst();
  }

  /**
   * The first that grants the opening of a stream; null when none does, and what comes has to be
   * read whole before anything can be signed.
   *
   * @param chains in the order of preference
   */
  static @Nullable HeldChain chooseOpening(List<HeldChain> chains, RequestHead head) {
    for (HeldChain one : chains) {
      if (Actions.decideOpening(one.blocks(), head, Protocol.GRPC)
          instanceof ActionResult.Allowed) {
        return one;
      }
    }
    return null;
  }

  /**
   * The helper does not know what the callee's port speaks, only what the contract's rules speak
   * of.
   */
  private static Set<Protocol> protocols(RootContract contract) {
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    for (Rule rule : contract.rules()) {
      protocols.add(
          switch (rule.match()) {
            case Match.HttpMatch _ -> Protocol.HTTP;
            case Match.McpMatch _ -> Protocol.MCP;
            case Match.A2aMatch _ -> Protocol.A2A;
            case Match.GrpcMatch _ -> Protocol.GRPC;
          });
    }
    return protocols;
  }
}
