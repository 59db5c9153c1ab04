package dev.writ.sidecar.flow;

/** How much of something that is still coming is kept, as part of a flow. */
public final class Kept {
  private final Flow flow;
  private long bytes;

  /**
   * Nothing yet.
   *
   * @param flow of which it is all
   */
  public Kept(Flow flow) {
    this.flow = flow;
  }

  /**
   * So much is kept from now on.
   *
   * @return false when there is no memory for it: then the flow has ended
   */
  public boolean keep(long now) {
    long more = now - bytes;
    bytes = now;
    if (more > 0) {
      return flow.take(more);
    }
    flow.release(-more);
    return !flow.isEnded();
  }

  /** Nothing of it is kept, and nothing will be. */
  public void end() {
    flow.end();
  }
}
