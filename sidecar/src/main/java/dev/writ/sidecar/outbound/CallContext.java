package dev.writ.sidecar.outbound;

import dev.writ.contract.key.Signer;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.state.SidecarState;

/**
 * What every guarded call needs, shared by all event loops.
 *
 * @param signer own key
 * @param jkt its thumbprint
 * @param deputy in whose name calls go out
 * @param delegations what goes along with them
 */
record CallContext(
    SidecarState state,
    Time time,
    Signer signer,
    String jkt,
    Replicas replicas,
    IdentityCheck identities,
    Deputy deputy,
    Delegations delegations,
    HelperMeters meters) {}
