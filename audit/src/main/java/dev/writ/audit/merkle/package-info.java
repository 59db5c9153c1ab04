/**
 * The Merkle tree of RFC 6962 in the tiles of C2SP tlog-tiles: hashes, proofs, tile names and
 * bytes. Pure: depends on the JDK and the SHA-256 of {@code dev.writ.contract}.
 */
@NullMarked
package dev.writ.audit.merkle;

import org.jspecify.annotations.NullMarked;
