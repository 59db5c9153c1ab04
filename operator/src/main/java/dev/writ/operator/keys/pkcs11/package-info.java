/**
 * Issuer keys in a PKCS #11 token: an HSM, or what looks like one. The JDK's own bridge knows no
 * Ed25519, so the token's library is called directly.
 *
 * <p>Depends on {@code keys} and on the JDK's foreign functions; assumes the C types of 64-bit
 * Linux.
 */
@NullMarked
package dev.writ.operator.keys.pkcs11;

import org.jspecify.annotations.NullMarked;
