package dev.writ.sidecar;

import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PrivateKey;
import dev.writ.sidecar.journal.Backlog;
import dev.writ.sidecar.spent.GrantedCounter;
import dev.writ.sidecar.state.SidecarState;
import dev.writ.sidecar.work.Works;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * What {@code main} made and hands to the helper ({@code outbound}) and to the control link ({@code
 * control}).
 *
 * @param vertx the one instance of the process
 * @param configuration the environment
 * @param time the clocks
 * @param state what is believed now
 * @param boot 16 hex digits, drawn at this start; names records and counts
 * @param key own key: drawn at start in cluster mode, from {@code WRIT_KEY_FILE} in standalone
 *     mode, null when that is not set
 * @param ed25519 verifies signatures, the fastest provider that loads here
 * @param backlog records to ship
 * @param works what the app has in hand for its callers
 * @param counter that spends what the operator grants, null in standalone mode
 * @param meters where to register metrics
 * @param restart has the process end in order, so that another boot begins; returns at once
 */
public record Parts(
    Vertx vertx,
    Configuration configuration,
    Time time,
    SidecarState state,
    String boot,
    @Nullable PrivateKey key,
    Ed25519 ed25519,
    Backlog backlog,
    Works works,
    @Nullable GrantedCounter counter,
    MeterRegistry meters,
    Runnable restart) {}
