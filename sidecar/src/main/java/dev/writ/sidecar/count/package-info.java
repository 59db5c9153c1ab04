/**
 * The limits of contracts: calls, rate and concurrency. For now every count is of this process
 * alone, persisted; quota.md's allowances take the place of the local counter behind the same
 * interface.
 *
 * <p>May depend on {@code dev.writ.contract}.
 */
@NullMarked
package dev.writ.sidecar.count;

import org.jspecify.annotations.NullMarked;
