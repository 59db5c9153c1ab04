/**
 * Cluster mode's link to the operator: enrols and renews, follows events, keeps the revocation
 * list, ships records. (architecture.md, Control API)
 *
 * <p>Runs on virtual threads of its own, never on an event loop, and only writes {@code
 * dev.writ.sidecar.state}: while the operator is away everything else goes on. May depend on {@code
 * dev.writ.contract}, {@code dev.writ.sidecar.state} and {@code journal}.
 */
@NullMarked
package dev.writ.sidecar.control;

import org.jspecify.annotations.NullMarked;
