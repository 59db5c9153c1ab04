package dev.writ.sidecar.state;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Holds the current {@link Snapshot}. Reading is one volatile read; writers take turns.
 * Thread-safe.
 */
public final class SidecarState {
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current;

  /** Starts with a first snapshot. */
  public SidecarState(Snapshot first) {
    this.current = first;
  }

  /** What holds now. */
  public Snapshot current() {
    return current;
  }

  /**
   * Replaces the snapshot by one made from it, and tells the listeners on this thread before it
   * returns: when it has returned, the change is in force.
   *
   * @param change pure; sees the latest snapshot
   * @return the new snapshot
   */
  public synchronized Snapshot update(UnaryOperator<Snapshot> change) {
    Snapshot next = change.apply(current);
    // Listeners first: the verifier must have the new trust before a request is judged by the new
    // snapshot.
    listeners.forEach(listener -> listener.accept(next));
    current = next;
    return next;
  }

  /**
   * Calls the listener with the current snapshot now and with each later one, on the thread that
   * updates. It must not block or throw.
   */
  public synchronized void onChange(Consumer<Snapshot> listener) {
    listener.accept(current);
    listeners.add(listener);
  }
}
