/**
 * A small cluster on one machine: an API server (Fabric8's mock), admission through the real
 * webhook, and a kubelet that runs the containers of a pod as local processes.
 *
 * <p>Depends on the Kubernetes client and its mock server; knows no story of the demo.
 */
@NullMarked
package dev.writ.cli.cluster;

import org.jspecify.annotations.NullMarked;
