/**
 * What no longer counts: the state behind the signed revocation list, and the order in which it is
 * stored and published.
 *
 * <p>{@link dev.writ.operator.revoke.RevocationState} is pure; the rest depends on {@code contract}
 * and on a store.
 */
@NullMarked
package dev.writ.operator.revoke;

import org.jspecify.annotations.NullMarked;
