/**
 * From changes in the cluster to programs, revocations and statuses.
 *
 * <p>Decides nothing itself: {@code capability} does. Depends on the Java Operator SDK and the
 * generated resources.
 */
@NullMarked
package dev.writ.operator.reconcile;

import org.jspecify.annotations.NullMarked;
