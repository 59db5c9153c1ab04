package dev.writ.operator.control;

import dev.writ.operator.revoke.SignedList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** All connected sidecars. Publishing never waits for one of them. Thread-safe. */
public final class EventHub {
  private final Map<String, Set<EventStream>> byPod = new HashMap<>();

  /**
   * A new stream of the pod; the caller offers it what is current, then closes it by {@link
   * #leave}.
   */
  synchronized EventStream join(String podUid) {
    EventStream stream = new EventStream();
    byPod.computeIfAbsent(podUid, _ -> new HashSet<>()).add(stream);
    return stream;
  }

  synchronized void leave(String podUid, EventStream stream) {
    Set<EventStream> streams = byPod.get(podUid);
    if (streams != null && streams.remove(stream) && streams.isEmpty()) {
      byPod.remove(podUid);
    }
  }

  /** Sends a list to every connected sidecar. */
  public synchronized void publish(SignedList list) {
    byPod.values().forEach(streams -> streams.forEach(stream -> stream.offer(list)));
  }

  /** Tells the pod, if it is connected, to enrol again. */
  public synchronized void refresh(String podUid, long epoch) {
    byPod.getOrDefault(podUid, Set.of()).forEach(stream -> stream.refresh(epoch));
  }

  /** Tells the pod, if it is connected, to give back what it has not spent under the capability. */
  public synchronized void recall(String podUid, String cid) {
    byPod.getOrDefault(podUid, Set.of()).forEach(stream -> stream.recall(cid));
  }

  /**
   * Tells every connected pod to enrol again for a change that is in force already.
   *
   * @param number draws the epoch and marks what is due; called under the lock, so that no list
   *     with a higher epoch overtakes: a sidecar that confirms this epoch or a later one has
   *     enrolled since
   * @return the epoch
   */
  public synchronized long refreshAll(LongSupplier number) {
    long epoch = number.getAsLong();
    byPod.values().forEach(streams -> streams.forEach(stream -> stream.refresh(epoch)));
    return epoch;
  }

  /** The pod is gone: its streams end. */
  public synchronized void drop(String podUid) {
    byPod.getOrDefault(podUid, Set.of()).forEach(EventStream::close);
  }

  /** Ends every stream. */
  public synchronized void closeAll() {
    byPod.values().forEach(streams -> streams.forEach(EventStream::close));
  }

  /** How many streams are open. */
  public synchronized int size() {
    return byPod.values().stream().mapToInt(Set::size).sum();
  }
}
