package dev.writ.contract.grant;

import dev.writ.contract.ErrorCode;
import dev.writ.contract.document.Block;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.verify.Chain;
import dev.writ.contract.verify.Protocol;
import dev.writ.contract.verify.RequestHead;
import java.util.List;

/** Decides which action a request is, and whether it is granted (actions.md). Pure. */
public final class Actions {
  private Actions() {}

  /** Decides under a verified chain: at the gate. */
  public static ActionResult decide(Chain chain, RequestHead head, byte[] body, Protocol protocol) {
    return decide(chain.blocks(), head, body, protocol);
  }

  /** Decides under a root contract alone: at the helper, to choose a contract. */
  public static ActionResult decide(
      RootContract root, RequestHead head, byte[] body, Protocol protocol) {
    return decide(List.of(root), head, body, protocol);
  }

  /**
   * Decides under the blocks of a chain, root first.
   *
   * @param body the content as it is sent, empty when there is none
   */
  public static ActionResult decide(
      List<Block> blocks, RequestHead head, byte[] body, Protocol protocol) {
    Rules rules = new Rules(blocks);
    Content content = new Content(head, body);
    return switch (protocol) {
      case HTTP -> HttpActions.decide(rules, head, content);
      case MCP -> McpActions.decide(rules, head, content);
      case A2A, GRPC ->
          new ActionResult.Refused(ErrorCode.ACTION_NOT_GRANTED, "protocol not supported", null);
    };
  }
}
