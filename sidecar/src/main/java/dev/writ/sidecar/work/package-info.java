/**
 * The work that this sidecar's app does for its callers: who it is for, and what they handed over
 * for it. The gate writes it, the helper reads it.
 *
 * <p>May depend on {@code dev.writ.contract} and the state of the sidecar.
 */
@NullMarked
package dev.writ.sidecar.work;

import org.jspecify.annotations.NullMarked;
