/**
 * What a gate has spent, on disk: one file of counters for each boot, under a lock that only the
 * death of its process releases; and the counter of cluster mode, which spends what was granted.
 * (quota.md, Crashes)
 *
 * <p>Depends on {@code allowance}, which decides, and on the JDK.
 */
@NullMarked
package dev.writ.sidecar.spent;

import org.jspecify.annotations.NullMarked;
