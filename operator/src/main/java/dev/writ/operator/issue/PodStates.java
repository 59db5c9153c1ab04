package dev.writ.operator.issue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How far each pod's sidecar is, by pod UID. In memory alone: after a restart every sidecar is
 * asked to enrol again and says it anew. Thread-safe.
 */
public final class PodStates {
  /**
   * A sidecar draws a key when it starts: more than these within a quarter of an hour are no honest
   * restarts.
   */
  private static final int MAX_KEYS = 16;

  /** As long as anything minted for a key may live, seconds. */
  private static final long KEY_SECONDS = 960;

  private final Map<String, State> states = new HashMap<>();

  private static final class State {
    private long applied;
    private long enrolled;
    private long due;
    private long servicesSince;
    private boolean revoked;
    private Set<String> services = Set.of();

    /** Thumbprints of the keys it enrolled with, to the epoch second of the last time. */
    private final Map<String, Long> keys = new HashMap<>();

    private final Map<String, Long> contracts = new HashMap<>();
  }

  /**
   * The pod enrolled.
   *
   * @param epoch of the answer
   * @param services ids of the services it guards from now on
   * @param contracts cid to epoch second at which the contract ends
   * @return cids of contracts that it did not hold before, or holds no more
   */
  public synchronized Set<String> enrolled(
      String podUid, long epoch, Set<String> services, Map<String, Long> contracts) {
    State state = states.computeIfAbsent(podUid, _ -> new State());
    state.enrolled = epoch;
    if (!state.services.equals(services)) {
      state.services = Set.copyOf(services);
      state.servicesSince = epoch;
    }
    Set<String> changed = new HashSet<>(contracts.keySet());
    changed.addAll(state.contracts.keySet());
    changed.removeIf(cid -> contracts.containsKey(cid) && state.contracts.containsKey(cid));
    state.contracts.clear();
    state.contracts.putAll(contracts);
    return changed;
  }

  /**
   * Whether something may be minted for this key of the pod: it is not revoked, and has not used
   * too many others. Remembered before anything is minted, so that {@link #revoke} misses none.
   *
   * @param jkt thumbprint
   * @param now epoch seconds
   */
  public synchronized boolean admitKey(String podUid, String jkt, long now) {
    State state = states.computeIfAbsent(podUid, _ -> new State());
    state.keys.values().removeIf(last -> last + KEY_SECONDS <= now);
    if (state.revoked || (!state.keys.containsKey(jkt) && state.keys.size() >= MAX_KEYS)) {
      return false;
    }
    state.keys.put(jkt, now);
    return true;
  }

  /** Nothing is minted for the pod any more. Returns the thumbprints of the keys it may use. */
  public synchronized Set<String> revoke(String podUid) {
    State state = states.computeIfAbsent(podUid, _ -> new State());
    state.revoked = true;
    return Set.copyOf(state.keys.keySet());
  }

  /** The sidecar says that it applied everything up to this epoch. Returns whether that is news. */
  public synchronized boolean applied(String podUid, long epoch) {
    State state = states.computeIfAbsent(podUid, _ -> new State());
    boolean news = epoch > state.applied;
    state.applied = Math.max(state.applied, epoch);
    return news;
  }

  /** What the pod got at its last enrolment is out of date since this epoch. */
  public synchronized void due(String podUid, long epoch) {
    State state = states.get(podUid);
    if (state != null) {
      state.due = Math.max(state.due, epoch);
    }
  }

  /** What every pod got at its last enrolment is out of date since this epoch. */
  public synchronized void allDue(long epoch) {
    states.values().forEach(state -> state.due = Math.max(state.due, epoch));
  }

  /** Whether the pod enrolled for other services than these. */
  public synchronized boolean guardsOther(String podUid, Set<String> services) {
    State state = states.get(podUid);
    return state != null && state.enrolled != 0 && !state.services.equals(services);
  }

  /** Whether the pod has to enrol: it never did with this process, or something changed since. */
  public synchronized boolean mustEnrol(String podUid) {
    State state = states.get(podUid);
    return state == null || state.enrolled == 0 || state.enrolled < state.due;
  }

  /** Whether the pod's sidecar said that it applied everything up to this epoch. */
  public synchronized boolean hasApplied(String podUid, long epoch) {
    State state = states.get(podUid);
    return state != null && state.applied >= epoch;
  }

  /** Whether the pod's gate stands before the service and has heard of a change of that epoch. */
  public synchronized boolean confirms(String podUid, String service, long epoch) {
    State state = states.get(podUid);
    return state != null
        && state.services.contains(service)
        && state.applied >= Math.max(epoch, state.servicesSince);
  }

  /** How many pods hold a contract of the capability that is alive. */
  public synchronized int holders(String cid, long now) {
    return (int)
        states.values().stream()
            .filter(state -> state.contracts.getOrDefault(cid, 0L) > now)
            .count();
  }

  /** The pod is gone. Returns the cids that it held contracts of. */
  public synchronized Set<String> gone(String podUid) {
    State state = states.remove(podUid);
    return state == null ? Set.of() : Set.copyOf(state.contracts.keySet());
  }
}
