/**
 * The operator's process: {@link dev.writ.operator.Main} reads the environment, {@link
 * dev.writ.operator.OperatorProcess} puts the parts together.
 *
 * <p>May depend on every package below; none of them depends on it.
 */
@NullMarked
package dev.writ.operator;

import org.jspecify.annotations.NullMarked;
