/**
 * How commands reach the cluster of KUBECONFIG, and what they say when they can't.
 *
 * <p>Depends on the Fabric8 client.
 */
@NullMarked
package dev.writ.cli.kube;

import org.jspecify.annotations.NullMarked;
