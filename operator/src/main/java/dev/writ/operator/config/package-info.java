/**
 * What the operator is told by its environment, read once and checked whole.
 *
 * <p>Depends on the JDK alone.
 */
@NullMarked
package dev.writ.operator.config;

import org.jspecify.annotations.NullMarked;
