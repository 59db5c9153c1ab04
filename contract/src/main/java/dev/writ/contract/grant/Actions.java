package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.MalformedException;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which action a request is, and whether it is granted (actions.md). Pure. */
public final class Actions {
  private Actions() {}

  /**
   * Decides under a verified chain: at the gate.
   *
   * @param ownership what the subject of the chain was given before
   */
  public static ActionResult decide(
      Chain chain, RequestHead head, byte[] body, Protocol protocol, Ownership ownership) {
    return decide(chain.blocks(), head, body, protocol, ownership);
  }

  /**
   * Decides under a verified chain whether the opening of a stream is granted; what is sent on it
   * is not proved.
   */
  public static ActionResult decideOpening(Chain chain, RequestHead head, Protocol protocol) {
    return decide(chain.blocks(), head, null, protocol, Ownership.NONE);
  }

  /** Decides under a root contract alone: at the helper, to choose a contract. */
  public static ActionResult decide(
      RootContract root, RequestHead head, byte[] body, Protocol protocol) {
    return decide(List.of(root), head, body, protocol, Ownership.ALL);
  }

  /** Whether a root contract alone grants the opening of a stream. */
  public static ActionResult decideOpening(RootContract root, RequestHead head, Protocol protocol) {
    return decideOpening(List.of(root), head, protocol);
  }

  /** Whether the blocks of a chain, root first, grant the opening of a stream: at the helper. */
  public static ActionResult decideOpening(
      List<? extends Block> blocks, RequestHead head, Protocol protocol) {
    return decide(blocks, head, null, protocol, Ownership.ALL);
  }

  /**
   * Decides under the blocks of a chain, root first, for whoever holds it: what other callers own
   * is the gate's to say.
   *
   * @param body the content as it is sent, empty when there is none
   */
  public static ActionResult decide(
      List<Block> blocks, RequestHead head, byte[] body, Protocol protocol) {
    return decide(blocks, head, body, protocol, Ownership.ALL);
  }

  private static ActionResult decide(
      List<? extends Block> blocks,
      RequestHead head,
      byte @Nullable [] body,
      Protocol protocol,
      Ownership ownership) {
    Rules rules = new Rules(blocks);
    try {
      Reading reading = read(head, body, protocol, ownership);
      ActionResult result = rules.decide(reading);
      // To be called at a URL is an action of its own, wherever it is asked for.
      A2aReading push = reading instanceof A2aReading a2a ? a2a.pushing() : null;
      return push != null
              && result instanceof ActionResult.Allowed
              && rules.decide(push) instanceof ActionResult.Refused refused
          ? refused
          : result;
    } catch (GrantException e) {
      return ActionResult.Refused.of(e);
    } catch (MalformedException e) {
      return new ActionResult.Refused(
          ErrorCode.MALFORMED, String.valueOf(e.getMessage()), null, Dialect.HTTP);
    }
  }

  /** How the protocol reads the request; a body that is null is one that no proof covers. */
  static Reading read(
      RequestHead head, byte @Nullable [] body, Protocol protocol, Ownership ownership)
      throws GrantException, MalformedException {
    if (body == null && protocol != Protocol.GRPC) {
      throw new GrantException(ErrorCode.ACTION_NOT_GRANTED, "body without a proof");
    }
    Content content = new Content(head, body == null ? new byte[0] : body);
    return switch (protocol) {
      case HTTP -> HttpReading.of(head, content);
      case MCP -> McpReading.of(head, content, ownership);
      case A2A -> A2aReading.of(head, content, ownership);
      case GRPC -> GrpcReading.of(head, body);
    };
  }
}
