package dev.writ.operator.issue;

import dev.writ.audit.OperatorEntry.Contract;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.key.PublicKey;
import dev.writ.operator.cluster.InjectedPod;
import java.io.IOException;
import java.util.List;

/** Hears of each enrolment before its answer leaves. */
@FunctionalInterface
public interface Issuances {
  /**
   * What a pod's key gets. When this returns it is recorded for good.
   *
   * @param services ids of the services that the pod guards
   * @throws IOException when it is not: then nothing may be handed out
   */
  void issued(
      InjectedPod pod,
      SpiffeId workload,
      PublicKey key,
      List<String> services,
      List<Contract> contracts)
      throws IOException;
}
