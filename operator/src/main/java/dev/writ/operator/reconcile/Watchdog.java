package dev.writ.operator.reconcile;

import dev.writ.operator.issue.Programs;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import dev.writ.v1alpha1.AgentCapability;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds capabilities that the controller lost sight of: a watch that stopped silently, or an event
 * that was swallowed when an object was deleted and made again. Revocation must not hang on either,
 * so what two looks in a row find is acted on directly. (stack.md, P1 and P6)
 */
public final class Watchdog {
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private static final long GONE = -1;

  private final CapabilityDesk desk;
  private final Programs programs;
  private final Runnable found;

  /**
   * What the last look found, by cid: the generation that the desk does not know, or {@link #GONE}.
   */
  private Map<String, Long> suspects = Map.of();

  /** The listener counts. */
  public Watchdog(CapabilityDesk desk, Programs programs, Runnable found) {
    this.desk = desk;
    this.programs = programs;
    this.found = found;
  }

  /**
   * Compares what there is with what the desk knows.
   *
   * @param all every capability, read from the API server and not from a cache
   */
  public void look(List<AgentCapability> all) throws StaleVersionException {
    Map<String, Long> next = new HashMap<>();
    Map<String, AgentCapability> existing = new HashMap<>();
    for (AgentCapability capability : all) {
      String cid = capability.getMetadata().getUid();
      existing.put(cid, capability);
      long generation = capability.getMetadata().getGeneration();
      boolean ending = capability.getMetadata().getDeletionTimestamp() != null;
      if (ending && programs.get(cid).isPresent()) {
        next.put(cid, GONE);
      } else if (!ending && desk.generation(cid) != generation) {
        next.put(cid, generation);
      }
    }
    for (String cid : programs.seen()) {
      if (!existing.containsKey(cid)) {
        next.put(cid, GONE);
      }
    }
    for (Map.Entry<String, Long> suspect : next.entrySet()) {
      if (suspect.getValue().equals(suspects.get(suspect.getKey()))) {
        act(suspect.getKey(), suspect.getValue() == GONE ? null : existing.get(suspect.getKey()));
      }
    }
    suspects = next;
  }

  private void act(String cid, @Nullable AgentCapability capability) throws StaleVersionException {
    LOG.atError()
        .addKeyValue("cid", cid)
        .addKeyValue("gone", capability == null)
        .log("the controller lost sight of a capability");
    found.run();
    if (capability == null) {
      desk.gone(cid);
    } else {
      desk.assess(Applications.of(capability), true);
    }
  }
}
