package dev.writ.sidecar.flow;

/**
 * What one call holds on its way between two peers. Lives on one event loop; once it has ended
 * nothing that happens to it counts.
 */
public final class Flow {
  private final Flows flows;
  private final Flows.Line line;
  private final Runnable crowdedOut;
  private long held;
  private boolean ended;

  Flow(Flows flows, Flows.Line line, Runnable crowdedOut) {
    this.flows = flows;
    this.line = line;
    this.crowdedOut = crowdedOut;
  }

  Flows.Line line() {
    return line;
  }

  long held() {
    return held;
  }

  /** It is over: holds nothing any more. */
  public void end() {
    if (!ended) {
      ended = true;
      give(held, false);
    }
  }

  boolean isEnded() {
    return ended;
  }

  /** So many bytes are to wait. False when the flow has ended, also if it was for want of room. */
  public boolean take(long bytes) {
    if (ended || !flows.take(this, bytes)) {
      return false;
    }
    held += bytes;
    return true;
  }

  /** So many bytes wait no longer, because the peer took them. */
  void moved(long bytes) {
    if (!ended) {
      give(bytes, true);
    }
  }

  /** So many bytes need not be reckoned with any longer. */
  void release(long bytes) {
    if (!ended) {
      give(bytes, false);
    }
  }

  private void give(long bytes, boolean moved) {
    held -= bytes;
    flows.give(this, bytes, moved);
  }

  void crowdOut() {
    end();
    crowdedOut.run();
  }
}
