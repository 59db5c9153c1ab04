package dev.writ.sidecar.gate;

import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.count.Counter;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.state.SidecarState;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What all loops of the gate share.
 *
 * @param pod name of this pod in records
 */
public record GateParts(
    Configuration configuration,
    Time time,
    SidecarState state,
    Verifier verifier,
    Challenges challenges,
    Counter counter,
    Journal journal,
    MeterRegistry meters,
    String pod) {}
