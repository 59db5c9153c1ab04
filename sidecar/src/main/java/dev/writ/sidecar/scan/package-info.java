/**
 * What a pod that {@code writ check} makes does: tries every port of another pod from outside, and
 * tells which answered past the gate. (injection.md, {@code writ check})
 *
 * <p>Depends on the JDK, and on {@code contract} for what is asked and answered.
 */
@NullMarked
package dev.writ.sidecar.scan;

import org.jspecify.annotations.NullMarked;
