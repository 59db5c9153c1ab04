/**
 * What {@code writ check} asks a pod of its own to find out about another one from outside, and
 * what that answers. (injection.md, {@code writ check})
 *
 * <p>Depends on the JDK and on the JSON of {@code contract}.
 */
@NullMarked
package dev.writ.contract.scan;

import org.jspecify.annotations.NullMarked;
