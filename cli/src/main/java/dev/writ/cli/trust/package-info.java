/**
 * {@code writ trust} and {@code writ revoke}: the issuer's keys, and what is taken back.
 *
 * <p>Asks the operator by annotations and waits for what it makes of them; signs nothing itself.
 */
@NullMarked
package dev.writ.cli.trust;

import org.jspecify.annotations.NullMarked;
