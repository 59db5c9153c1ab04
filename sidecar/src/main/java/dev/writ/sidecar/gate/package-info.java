/**
 * The inbound gate: from the bytes on a captured port to a decision, and from there to the app. It
 * stands before the pipe and is the only way in. (protocol.md, sections 3 to 5)
 *
 * <p>May depend on {@code dev.writ.contract}, the sidecar's counter, journal and state, Vert.x and
 * Netty.
 */
@NullMarked
package dev.writ.sidecar.gate;

import org.jspecify.annotations.NullMarked;
