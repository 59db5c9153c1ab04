package dev.writ.sidecar.gate;

import dev.writ.contract.key.PublicKey;
import dev.writ.contract.verify.Challenges;
import dev.writ.contract.verify.Verifier;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.Leaving;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.capture.Capture;
import dev.writ.sidecar.count.Counter;
import dev.writ.sidecar.journal.Journal;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * What all loops of the gate share.
 *
 * @param works what the app has in hand, for the helper
 * @param key own key, null when there is none
 * @param pod name of this pod in records
 * @param capture where to listen, and whether the app can be reached past the gate
 * @param leaving whether callers are to go elsewhere with their next call
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
    Works works,
    @Nullable PublicKey key,
    String pod,
    Capture capture,
    Leaving leaving) {}
