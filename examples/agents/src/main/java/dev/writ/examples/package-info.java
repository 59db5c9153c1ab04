/**
 * The agents of the examples: small programs that speak plain HTTP and know nothing of Writ.
 *
 * <p>Depends on the JDK only.
 */
@NullMarked
package dev.writ.examples;

import org.jspecify.annotations.NullMarked;
