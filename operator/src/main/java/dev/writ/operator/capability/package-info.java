/**
 * What a capability means: whether it makes sense, what its contracts say, which conditions it has.
 * Pure: no cluster, no clock, no I/O. (crd.md)
 *
 * <p>Depends on {@code contract} and on Jackson's tree, in which the spec comes.
 */
@NullMarked
package dev.writ.operator.capability;

import org.jspecify.annotations.NullMarked;
