package dev.writ.operator.reconcile;

import dev.writ.operator.issue.Programs;
import dev.writ.v1alpha1.AgentCapability;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/**
 * Asks for another look at a capability when something changed that is no resource: a record, a
 * confirmation. Never blocks.
 */
public final class Nudges {
  private final SimpleInboundEventSource<AgentCapability> source =
      new SimpleInboundEventSource<>("nudges");
  private final Programs programs;
  private volatile boolean open;

  /** Nobody is nudged before {@link #open}. */
  public Nudges(Programs programs) {
    this.programs = programs;
  }

  EventSource<?, AgentCapability> source() {
    return source;
  }

  /** The controller runs. */
  public void open() {
    open = true;
  }

  /** Has the capability of that cid looked at, if it exists. */
  public void nudge(String cid) {
    if (open) {
      programs
          .place(cid)
          .ifPresent(
              place -> source.propagateEvent(new ResourceID(place.name(), place.namespace())));
    }
  }
}
