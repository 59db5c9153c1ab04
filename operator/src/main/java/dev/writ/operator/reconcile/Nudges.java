package dev.writ.operator.reconcile;

import dev.writ.operator.issue.Programs;
import dev.writ.v1alpha1.AgentCapability;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Asks for another look at a capability when something changed that is no resource: a record, a
 * confirmation. Thousands of records of one batch ask once. Never blocks.
 */
public final class Nudges {
  private static final long GATHER_MILLIS = 50;

  private final SimpleInboundEventSource<AgentCapability> source =
      new SimpleInboundEventSource<>("nudges");
  private final Programs programs;
  private final ScheduledExecutorService timer;
  private final Set<String> pending = ConcurrentHashMap.newKeySet();
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

  /** Not pending any more before it is fired: what happens from now on asks again. */
  private void fire(String cid) {
    pending.remove(cid);
    programs
        .place(cid)
        .ifPresent(place -> source.propagateEvent(new ResourceID(place.name(), place.namespace())));
  }
}
