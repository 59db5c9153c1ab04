package dev.writ.sidecar.state;

import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Revocations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the gate and the helper decide by, at one moment. Immutable; a new one replaces
 * it whole.
 *
 * @param epoch the operator's epoch that this stands for; 0 in standalone mode and before the first
 *     enrolment
 * @param trust issuer keys; null before the first enrolment: nothing can be verified, the gate
 *     answers 503
 * @param revocations what no longer counts
 * @param identity own credential, null when there is none
 * @param contracts what this workload may call with
 * @param listeners services and protocol of each guard, in the order of {@code
 *     Configuration.guards()}
 */
public record Snapshot(
    long epoch,
    @Nullable TrustBundle trust,
    Revocations revocations,
    @Nullable OwnIdentity identity,
    List<HeldContract> contracts,
    List<Listener> listeners) {
  public Snapshot {
    contracts = List.copyOf(contracts);
    listeners = List.copyOf(listeners);
  }
}
