/**
 * The gate's side of exact counts: what this boot may still spend, what it asks for, what it gives
 * back, as plain state without clock, thread and socket (quota.md).
 *
 * <p>May depend on {@code dev.writ.contract} and {@code dev.writ.sidecar.count}.
 */
@NullMarked
package dev.writ.sidecar.allowance;

import org.jspecify.annotations.NullMarked;
