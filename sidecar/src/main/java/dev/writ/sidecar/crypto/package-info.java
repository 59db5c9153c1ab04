/**
 * Native Ed25519 with the pure Java one behind it. (stack.md, X3; performance.md)
 *
 * <p>May depend on {@code dev.writ.contract} and the Corretto provider.
 */
@NullMarked
package dev.writ.sidecar.crypto;

import org.jspecify.annotations.NullMarked;
