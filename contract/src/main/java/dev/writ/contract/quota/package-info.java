/**
 * What gates and the ledger say to each other about counts: the messages of {@code POST
 * /v1/allowances} (quota.md, Totals).
 *
 * <p>May depend on {@code dev.writ.contract} and the JDK; knows no transport and no clock.
 */
@NullMarked
package dev.writ.contract.quota;

import org.jspecify.annotations.NullMarked;
