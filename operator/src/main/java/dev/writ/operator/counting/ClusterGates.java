package dev.writ.operator.counting;

import dev.writ.operator.capability.Resolution;
import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.ClusterView;
import dev.writ.operator.cluster.InjectedPod;

/** Gates as the informers see them. */
public final class ClusterGates implements Gates {
  private final ClusterView cluster;

  /** Looks up in memory alone. */
  public ClusterGates(ClusterView cluster) {
    this.cluster = cluster;
  }

  @Override
  public boolean guards(InjectedPod pod, Terms terms) {
    return cluster.guardedBy(pod).stream()
        .anyMatch(
            service ->
                service.namespace().equals(terms.target().namespace())
                    && service.name().equals(terms.target().name()));
  }

  @Override
  public int replicas(Terms terms) {
    return switch (cluster.resolve(terms)) {
      case Resolution.Resolved resolved -> Math.max(1, resolved.pods().size());
      case Resolution.Unresolved _ -> 1;
    };
  }
}
