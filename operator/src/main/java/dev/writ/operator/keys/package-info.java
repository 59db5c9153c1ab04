/**
 * The keys that contracts are signed with: where they lie, who has heard of them, how one follows
 * another and how one is removed.
 *
 * <p>What happens next is decided by {@link dev.writ.operator.keys.RotationStep}, purely. Depends
 * on {@code contract} and the Kubernetes client; knows nothing of capabilities and sidecars.
 */
@NullMarked
package dev.writ.operator.keys;

import org.jspecify.annotations.NullMarked;
