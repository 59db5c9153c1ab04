package dev.writ.operator.issue;

import dev.writ.contract.SpiffeId;
import dev.writ.operator.cluster.GuardedService;
import java.util.List;

/**
 * What a sidecar gets when it enrols. (protocol.md, section 1)
 *
 * @param epoch up to which this says everything
 * @param workload who the pod is
 * @param identity credential of the pod's key
 * @param contracts one per capability whose source the pod is
 * @param services that lead to the pod
 */
public record Enrolment(
    long epoch,
    SpiffeId workload,
    String identity,
    List<String> contracts,
    List<GuardedService> services) {
  /** Copies. */
  public Enrolment {
    contracts = List.copyOf(contracts);
    services = List.copyOf(services);
  }
}
