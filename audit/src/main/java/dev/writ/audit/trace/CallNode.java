package dev.writ.audit.trace;

import dev.writ.audit.Entry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision, and the calls that name it as the one they were made under.
 *
 * @param index of the decision's entry in the log
 * @param receipt of the decision
 * @param end how it went on, null when it was refused or the log has no end of it
 * @param children in the order of the log; that they belong here is the claim of their caller
 */
public record CallNode(
    long index, String receipt, Entry.Call call, Entry.@Nullable End end, List<CallNode> children) {
  public CallNode {
    children = List.copyOf(children);
  }
}
