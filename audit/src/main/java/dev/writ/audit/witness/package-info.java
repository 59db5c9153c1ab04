/**
 * Witnesses: others who saw a checkpoint, so that the log cannot show different histories to
 * different people (C2SP tlog-witness). Depends on {@code log}, {@code note}, {@code merkle} and
 * the JDK's HTTP client.
 */
@NullMarked
package dev.writ.audit.witness;

import org.jspecify.annotations.NullMarked;
