/**
 * The state directory: one process at a time.
 *
 * <p>May depend on the JDK alone.
 */
@NullMarked
package dev.writ.sidecar.disk;

import org.jspecify.annotations.NullMarked;
