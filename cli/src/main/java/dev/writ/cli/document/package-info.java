/**
 * Keys and signed documents without a cluster: make, sign, look at, check.
 *
 * <p>Depends on {@code contract} for the documents, and on the operator's reading of a capability,
 * which is pure: the same YAML gives the same contract here and there.
 */
@NullMarked
package dev.writ.cli.document;

import org.jspecify.annotations.NullMarked;
