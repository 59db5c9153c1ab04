/**
 * The transparency log: records, hash chain, Merkle tree, tiles, checkpoints, witness, verifier.
 *
 * <p>May use {@code dev.writ.contract}, the JDK and Jackson streaming; it knows no cluster, no
 * server and no clock.
 */
@NullMarked
package dev.writ.audit;

import org.jspecify.annotations.NullMarked;
