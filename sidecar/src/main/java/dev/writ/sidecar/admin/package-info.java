/**
 * Health and metrics on an address of their own.
 *
 * <p>May depend on Vert.x and Micrometer.
 */
@NullMarked
package dev.writ.sidecar.admin;

import org.jspecify.annotations.NullMarked;
