/**
 * Tests over real processes and real clusters.
 *
 * <p>May use built artifacts only: what users start, and what a user sees of it.
 */
@NullMarked
package dev.writ.e2e;

import org.jspecify.annotations.NullMarked;
