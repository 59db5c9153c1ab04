package dev.writ.operator.reconcile;

import dev.writ.contract.Names;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.InjectedPod;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;

/**
 * Revokes pods that carry the annotation: what they hold counts no more, and they get nothing new.
 * Looking again changes nothing, so a look that failed is simply repeated. Thread-safe.
 */
public final class PodRevocations {
  private final ClusterView cluster;
  private final PodStates pods;
  private final EventHub hub;
  private final RevocationRegister register;
  private final EventPublisher events;
  private final Clock clock;
  private final Set<String> announced = new HashSet<>();

  /** The parts it works with. */
  public record Parts(
      ClusterView cluster,
      PodStates pods,
      EventHub hub,
      RevocationRegister register,
      EventPublisher events,
      Clock clock) {}

  /** Remembers only which pods it announced. */
  public PodRevocations(Parts parts) {
    cluster = parts.cluster;
    pods = parts.pods;
    hub = parts.hub;
    register = parts.register;
    events = parts.events;
    clock = parts.clock;
  }

  /** Revokes all that are to be. */
  public void look() throws StaleVersionException {
    Set<String> present = new HashSet<>();
    for (InjectedPod pod : cluster.revokedPods()) {
      present.add(pod.uid());
      revoke(pod, Set.of());
    }
    synchronized (announced) {
      announced.retainAll(present);
    }
  }

  /** A revoked pod shows a key: it counts no more when this returns. */
  public void revoke(InjectedPod pod, PublicKey key) throws StaleVersionException {
    revoke(pod, Set.of(key.thumbprint()));
  }

  private void revoke(InjectedPod pod, Set<String> more) throws StaleVersionException {
    // First: whatever is minted from now on is refused, so the keys are all there are.
    Set<String> keys = new HashSet<>(pods.revoke(pod.uid()));
    keys.addAll(more);
    long now = clock.instant().getEpochSecond();
    boolean published = register.apply(state -> state.holders(keys, now), false).isPresent();
    hub.drop(pod.uid());
    boolean first;
    synchronized (announced) {
      first = announced.add(pod.uid());
    }
    if (first || published) {
      events.publish(
          new ObjectReferenceBuilder()
              .withApiVersion("v1")
              .withKind("Pod")
              .withNamespace(pod.namespace())
              .withName(pod.name())
              .withUid(pod.uid())
              .build(),
          EventReason.Revoked,
          keys.isEmpty()
              ? "The pod gets no contracts, as annotation "
                  + Names.REVOKE
                  + " asks. No key of it is known yet: one that it shows is revoked then."
              : "What the pod holds counts no more, as annotation "
                  + Names.REVOKE
                  + " asks: keys "
                  + String.join(", ", keys),
          clock.instant());
    }
  }
}
