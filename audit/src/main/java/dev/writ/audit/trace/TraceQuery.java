package dev.writ.audit.trace;

import dev.writ.audit.Entry;
import java.util.Set;

/** Which calls to begin with; what they led to and what led to them comes along. */
public sealed interface TraceQuery {
  /** All calls that claim this W3C trace id. */
  record ByTrace(String trace) implements TraceQuery {}

  /** The one call whose decision has this receipt. */
  record ByReceipt(String receipt) implements TraceQuery {}

  /** All calls under capabilities or delegations, by their cids. */
  record ByCid(Set<String> cids) implements TraceQuery {
    public ByCid {
      cids = Set.copyOf(cids);
    }
  }

  /** Whether the call is one to begin with. */
  default boolean matches(String receipt, Entry.Call call) {
    return switch (this) {
      case ByTrace by -> by.trace().equals(call.trace());
      case ByReceipt by -> by.receipt().equals(receipt);
      case ByCid by -> call.chain().stream().anyMatch(link -> by.cids().contains(link.cid()));
    };
  }
}
