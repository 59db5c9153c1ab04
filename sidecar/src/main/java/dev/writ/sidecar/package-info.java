/**
 * The sidecar's process: its configuration, its parts and how they are wired.
 *
 * <p>May depend on {@code dev.writ.contract}, {@code dev.writ.audit} and Vert.x; never on
 * Kubernetes.
 */
@NullMarked
package dev.writ.sidecar;

import org.jspecify.annotations.NullMarked;
