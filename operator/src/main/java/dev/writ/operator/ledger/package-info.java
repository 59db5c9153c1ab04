/**
 * The ledger's side of exact counts: what one message does to one CallLedger, as pure functions
 * (quota.md).
 *
 * <p>May depend on {@code dev.writ.contract.quota} and the JDK; knows no Kubernetes, no log, no
 * clock and no thread.
 */
@NullMarked
package dev.writ.operator.ledger;

import org.jspecify.annotations.NullMarked;
