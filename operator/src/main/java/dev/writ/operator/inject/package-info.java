/**
 * The admission webhook: from a pod as it was sent to the patch that puts a sidecar into it.
 * (injection.md)
 *
 * <p>Depends on Jackson's tree and on {@code contract} for names; asks neither the API server nor
 * the clock.
 */
@NullMarked
package dev.writ.operator.inject;

import org.jspecify.annotations.NullMarked;
