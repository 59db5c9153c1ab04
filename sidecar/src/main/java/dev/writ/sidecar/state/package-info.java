/**
 * What the sidecar currently believes: trust, revocations, its identity, its contracts and the
 * services it guards, as one immutable value that is swapped whole.
 *
 * <p>May depend on {@code dev.writ.contract}.
 */
@NullMarked
package dev.writ.sidecar.state;

import org.jspecify.annotations.NullMarked;
