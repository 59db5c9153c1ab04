/**
 * What a gate has spent, on disk: one file of counters for each boot, under a lock that only the
 * death of its process releases. (quota.md, Crashes)
 *
 * <p>Depends on the JDK alone.
 */
@NullMarked
package dev.writ.sidecar.spent;

import org.jspecify.annotations.NullMarked;
