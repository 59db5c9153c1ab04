/**
 * The demo: four stories told by real processes, and the check of what they left in the records.
 *
 * <p>Depends on the cluster package for the processes, on {@code contract} for what an attacker
 * sends, on {@code audit} for the check.
 */
@NullMarked
package dev.writ.cli.demo;

import org.jspecify.annotations.NullMarked;
