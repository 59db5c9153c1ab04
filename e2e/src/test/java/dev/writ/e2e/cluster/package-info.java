/**
 * Tests on a real cluster, whichever {@code KUBECONFIG} names, through {@code kubectl} and {@code
 * helm} as a user has them.
 *
 * <p>Depends on the images having been loaded (e2e/cluster), and on no class of Writ.
 */
@NullMarked
package dev.writ.e2e.cluster;

import org.jspecify.annotations.NullMarked;
