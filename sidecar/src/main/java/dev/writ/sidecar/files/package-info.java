/**
 * Standalone mode's trust, revocations, identity and key: files, and what becomes of a change in
 * them. (architecture.md, Configuration)
 *
 * <p>May depend on {@code dev.writ.contract} and the sidecar's state.
 */
@NullMarked
package dev.writ.sidecar.files;

import org.jspecify.annotations.NullMarked;
