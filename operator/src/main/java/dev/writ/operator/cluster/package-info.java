/**
 * What the operator reads from and keeps in the cluster: Secrets, ConfigMaps, and the informers
 * behind every look-up.
 *
 * <p>Depends on the Kubernetes client and on {@code contract} for names; decides nothing.
 */
@NullMarked
package dev.writ.operator.cluster;

import org.jspecify.annotations.NullMarked;
