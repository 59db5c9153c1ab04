/**
 * What the capabilities of a cluster are used for, and why a call would be refused.
 *
 * <p>Depends on the Fabric8 client; needs no more than the right to read AgentCapabilities.
 */
@NullMarked
package dev.writ.cli.status;

import org.jspecify.annotations.NullMarked;
