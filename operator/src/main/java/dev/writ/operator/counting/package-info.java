/**
 * The call ledgers in the cluster: each request of a gate becomes at most one compare-and-swap of a
 * CallLedger, one batch in the log, and then an answer, in this order. (quota.md)
 *
 * <p>Depends on {@code ledger}, which decides, on {@code records}, which logs, and on the API
 * server behind one small interface.
 */
@NullMarked
package dev.writ.operator.counting;

import org.jspecify.annotations.NullMarked;
