/**
 * Pouring what one peer says into another, at the pace of the slower one and within a bound of
 * memory. Depends on Vert.x and Netty; knows nothing of contracts.
 */
@NullMarked
package dev.writ.sidecar.flow;

import org.jspecify.annotations.NullMarked;
