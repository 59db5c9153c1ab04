/**
 * What keeps calls from going past the gate: the rules of {@code redirect} and their proof, the
 * listeners of {@code loopback} and the watch over them, and the probes that would meet the gate.
 * (injection.md)
 *
 * <p>Depends on the JDK, on Vert.x for the probes, and on {@code contract} for names and JSON.
 */
@NullMarked
package dev.writ.sidecar.capture;

import org.jspecify.annotations.NullMarked;
