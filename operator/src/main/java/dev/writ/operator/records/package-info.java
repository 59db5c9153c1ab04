/**
 * What the gates decided: stored before it is acknowledged, and summed up per capability.
 * (audit.md)
 *
 * <p>Depends on {@code audit} for the chain of records and on the file system behind one small
 * interface.
 */
@NullMarked
package dev.writ.operator.records;

import org.jspecify.annotations.NullMarked;
