/**
 * What enrolled pods get: identity, contracts, services; and how far each of them is.
 *
 * <p>Depends on {@code capability}, {@code cluster} and {@code revoke}.
 */
@NullMarked
package dev.writ.operator.issue;

import org.jspecify.annotations.NullMarked;
