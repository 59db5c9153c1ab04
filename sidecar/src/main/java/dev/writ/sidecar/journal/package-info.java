/**
 * The audit records of this process and of its predecessors, on disk until they are acknowledged.
 * (audit.md, Record)
 *
 * <p>May depend on {@code dev.writ.audit}.
 */
@NullMarked
package dev.writ.sidecar.journal;

import org.jspecify.annotations.NullMarked;
