/**
 * {@code writ log}: the log read, verified, traced and exported without trust in who serves it.
 * (audit.md, Verification)
 *
 * <p>Depends on {@code audit} for all that it says.
 */
@NullMarked
package dev.writ.cli.log;

import org.jspecify.annotations.NullMarked;
