package dev.writ.sidecar.flow;

/**
 * What gate or helper may hold for others, each its own: whoever fills the one leaves the other. Of
 * all but the first less than twice as much is held, see {@link FlowMemory}.
 *
 * @param bodies of requests that are read whole, heads, and calls under way
 * @param flows what is under way to peers that have not taken it
 * @param heads what came of heads that are not whole yet
 * @param idle connections on which nothing is asked
 */
public record Memory(BodyBudget bodies, FlowMemory flows, FlowMemory heads, FlowMemory idle) {
  /**
   * Bounds.
   *
   * @param bodyBytes for all bodies and calls together
   * @param flowBytes for all flows together, as much for idle connections, a quarter of it for
   *     heads
   * @param loops how many event loops share it
   */
  public static Memory of(long bodyBytes, long flowBytes, int loops) {
    return new Memory(
        new BodyBudget(bodyBytes),
        new FlowMemory(flowBytes, loops),
        new FlowMemory(flowBytes / 4, loops),
        new FlowMemory(flowBytes, loops));
  }
}
