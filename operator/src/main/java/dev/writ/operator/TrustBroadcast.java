package dev.writ.operator;

import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.control.EventHub;
import dev.writ.operator.issue.PodStates;
import dev.writ.operator.keys.Sidecars;
import dev.writ.operator.revoke.Epochs;
import dev.writ.operator.revoke.RevocationRegister;
import dev.writ.operator.revoke.RevocationStore.StaleVersionException;

/**
 * Tells sidecars of issuer keys the way they hear of everything else: they enrol again, and confirm
 * with the next batch of records.
 */
record TrustBroadcast(
    ClusterView cluster,
    PodStates pods,
    EventHub hub,
    Epochs epochs,
    RevocationRegister register,
    Runnable outside,
    Runnable superseded)
    implements Sidecars {
  @Override
  public long tell() {
    outside.run();
    return hub.refreshAll(
        () -> {
          long epoch = epochs.next();
          pods.allDue(epoch);
          return epoch;
        });
  }

  /** A pod that never enrolled counts: another operator may have told it of other keys. */
  @Override
  public boolean confirmed(long number) {
    return cluster.namespaces().stream()
        .flatMap(namespace -> cluster.podsIn(namespace).stream())
        .allMatch(pod -> pods.hasApplied(pod.uid(), number));
  }

  @Override
  public void signAgain() {
    try {
      register.apply(state -> state, true);
    } catch (StaleVersionException e) {
      superseded.run();
    }
  }
}
