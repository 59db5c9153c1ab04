/**
 * The Control API, over which sidecars enrol, hear of changes and ship records, and the HTTPS
 * server below it.
 *
 * <p>Depends on the packages whose work it offers; nothing depends on it but the wiring.
 */
@NullMarked
package dev.writ.operator.control;

import org.jspecify.annotations.NullMarked;
