package dev.writ.operator.counting;

import dev.writ.operator.capability.Terms;
import dev.writ.operator.cluster.InjectedPod;

/** Who stands before the target of a capability. */
public interface Gates {
  /** Whether the pod does: no other is granted calls of it. */
  boolean guards(InjectedPod pod, Terms terms);

  /** How many pods do. */
  int replicas(Terms terms);
}
