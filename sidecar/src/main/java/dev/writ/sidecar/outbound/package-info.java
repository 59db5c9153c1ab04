/**
 * The helper: a forward proxy beside the app that turns plain HTTP calls into calls under a
 * contract. (architecture.md, Flow 3)
 *
 * <p>May depend on {@code dev.writ.contract}, {@code dev.writ.sidecar.state} and Vert.x; holds no
 * policy of its own: the gate decides.
 */
@NullMarked
package dev.writ.sidecar.outbound;

import org.jspecify.annotations.NullMarked;
