/**
 * What is wrong with an installation, a pod or a capability, and what to do about it.
 * (injection.md, {@code writ check})
 *
 * <p>What is found is decided by pure functions over objects of the API server; reading and
 * printing them is done by the commands. Depends on the Fabric8 client and on {@code contract} for
 * names.
 */
@NullMarked
package dev.writ.cli.check;

import org.jspecify.annotations.NullMarked;
