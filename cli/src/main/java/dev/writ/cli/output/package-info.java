/**
 * What a person reads: tables and lines of progress, coloured on a terminal alone.
 *
 * <p>Depends on the JDK only.
 */
@NullMarked
package dev.writ.cli.output;

import org.jspecify.annotations.NullMarked;
