/**
 * Which replica leads, and how others find it.
 *
 * <p>Depends on the Kubernetes client alone.
 */
@NullMarked
package dev.writ.operator.leader;

import org.jspecify.annotations.NullMarked;
