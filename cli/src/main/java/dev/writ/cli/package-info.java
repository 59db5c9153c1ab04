/**
 * The command line: demo, contract, log, check, explain.
 *
 * <p>May use the protocol, the log, the resources and the Fabric8 client; operator and sidecar are
 * processes to it.
 */
@NullMarked
package dev.writ.cli;

import org.jspecify.annotations.NullMarked;
