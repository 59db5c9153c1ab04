/**
 * The protocol: contracts, delegation, rules, proofs, and their verification to a decision.
 *
 * <p>May use the JDK, RE2/J and Bouncy Castle; it knows no cluster, no server, no log and no clock.
 */
@NullMarked
package dev.writ.contract;

import org.jspecify.annotations.NullMarked;
