package dev.writ.operator.reconcile;

import dev.writ.operator.issue.Programs;
import dev.writ.v1alpha1.AgentCapability;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Asks for another look at a capability when something changed that is no resource: a record, a
 * confirmation. Never blocks.
 */
public final class Nudges {
  private static final long GATHER_MILLIS = 50;

  /** From one look at what was counted to the next: a status is not written more often. */
  private static final long REST_MILLIS = 1_000 + GATHER_MILLIS;

  private final SimpleInboundEventSource<AgentCapability> source =
      new SimpleInboundEventSource<>("nudges");
  private final Programs programs;
  private final ScheduledExecutorService timer;
  private final Set<String> pending = ConcurrentHashMap.newKeySet();

  /** Of those that were counted for lately, whether they were since the last look. */
  private final Map<String, Boolean> counted = new ConcurrentHashMap<>();

  private volatile boolean open;

  /** Nobody is nudged before {@link #open}. */
  public Nudges(Programs programs, ScheduledExecutorService timer) {
    this.programs = programs;
    this.timer = timer;
  }

  EventSource<?, AgentCapability> source() {
    return source;
  }

  /** The controller runs. */
  public void open() {
    open = true;
  }

  /** Has the capability of that cid looked at soon, if it exists. */
  public void nudge(String cid) {
    if (open && pending.add(cid)) {
      var _ = timer.schedule(() -> fire(cid), GATHER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * As {@link #nudge}, for what is counted: calls and denials, of which there may be thousands a
   * second, and what ledgers grant. The first is looked at soon, what follows once a second.
   */
  public void count(String cid) {
    if (open && counted.put(cid, true) == null) {
      var _ = timer.schedule(() -> look(cid), GATHER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look(String cid) {
    counted.put(cid, false);
    var _ = timer.schedule(() -> rested(cid), REST_MILLIS, TimeUnit.MILLISECONDS);
    propagate(cid);
  }

  private void rested(String cid) {
    if (!counted.remove(cid, false)) {
      look(cid);
    }
  }

  /** Not pending any more before it is fired: what happens from now on asks again. */
  private void fire(String cid) {
    pending.remove(cid);
    propagate(cid);
  }

  private void propagate(String cid) {
    programs
        .place(cid)
        .ifPresent(place -> source.propagateEvent(new ResourceID(place.name(), place.namespace())));
  }
}
