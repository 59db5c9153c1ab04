/**
 * Ed25519 keys and signatures under the rules of protocol.md, section 1. Depends on Bouncy Castle's
 * Ed25519 alone.
 */
@NullMarked
package dev.writ.contract.key;

import org.jspecify.annotations.NullMarked;
