package dev.writ.sidecar.flow;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The flows of one event loop that hold something. When there is no memory for more, the one whose
 * peer has taken nothing for longest ends: whoever keeps reading is never the one.
 */
public final class Flows {
  /** Part of the memory that the flows of one connection may hold. */
  static final int LINE_PART = 4;

  private final FlowMemory memory;

  /** Those that stand still for longest first. */
  private final Set<Flow> holding = new LinkedHashSet<>();

  private long held;

  /** For one event loop. */
  public Flows(FlowMemory memory) {
    this.memory = memory;
  }

  /** A connection, whose flows have a bound of their own too. Belongs to its event loop. */
  public static final class Line {
    private long held;
  }

  /**
   * A flow that holds nothing yet.
   *
   * @param line of the peer that takes
   * @param crowdedOut ends it, because it holds what others need; called at most once
   */
  public Flow begin(Line line, Runnable crowdedOut) {
    return new Flow(this, line, crowdedOut);
  }

  /**
   * Makes room, if need be at the cost of others. False when it was this flow that had to go, or
   * went with one of the same call.
   */
  boolean take(Flow flow, long bytes) {
    holding.add(flow);
    while (flow.line().held + bytes > memory.bytes() / LINE_PART) {
      if (!end(other -> other.line() == flow.line(), flow)) {
        return false;
      }
    }
    while (!memory.take(bytes, held)) {
      if (!end(_ -> true, flow)) {
        return false;
      }
    }
    held += bytes;
    flow.line().held += bytes;
    return true;
  }

  /** Ends the first of these. False when the one for which it is done ended with it. */
  private boolean end(Predicate<Flow> among, Flow wanting) {
    holding.stream().filter(among).findFirst().orElse(wanting).crowdOut();
    return !wanting.isEnded();
  }

  void give(Flow flow, long bytes, boolean moved) {
    held -= bytes;
    flow.line().held -= bytes;
    memory.give(bytes);
    if (moved || flow.held() == 0) {
      holding.remove(flow);
    }
    if (flow.held() > 0) {
      holding.add(flow);
    }
  }
}
